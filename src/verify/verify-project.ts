/** Boots a project and checks every guarantee of its stage, from outside. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blueprint, ProgramNode } from '../blueprint/blueprint.ts';
import type { Engine, Running } from '../engines/engine.ts';
import { EngineError, messageOf } from '../errors.ts';
import type { StageFile } from '../stage-file/stage-file.ts';
import { guaranteesOf } from './checks/index.ts';
import { sleep } from './expect.ts';
import type { Guarantee, World } from './guarantee.ts';
import { HttpClient } from './http/client.ts';
import { Placeholders } from './http/placeholders.ts';
import { Probes } from './http/probes.ts';
import { brokenAmong, missingIn, type ProbeName } from './needs.ts';
import type { Outcome, Reason } from './outcome.ts';
import { newSeed, randomFrom } from './random.ts';
import { countsOf, type GuaranteeResult, type VerifyReport } from './report.ts';
import { type Judged, runCheck, tooBusy } from './run-check.ts';
import { makeHealthy } from './system/heal.ts';
import { programs } from './system/nodes.ts';
import { type ProbeFault, tryProbes } from './try-probes.ts';

export interface VerifyRequest {
  /** The project's folder. Its dependencies are installed; it is built here. */
  readonly directory: string;
  readonly blueprint: Blueprint;
  readonly stageFile: StageFile;
  readonly engine: Engine;
  /** Progress in words, for a person. */
  readonly onProgress?: (line: string) => void;
  /** Called as each guarantee starts. */
  readonly onStart?: (guarantee: Pick<Guarantee, 'id' | 'title'>) => void;
  /** Called with a drill's latest figures. */
  readonly onTick?: (line: string) => void;
  /** Called with each result as it comes. */
  readonly onGuarantee?: (result: GuaranteeResult) => void;
  /** Ends the run early: everything is taken down, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Environment on top of the blueprint's, by node. */
  readonly extraEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Only these guarantees, by id. */
  readonly only?: readonly string[];
  /** Also the guarantees under load and faults. */
  readonly drill?: boolean;
  /** Fixes every choice made by chance; absent: a new one. */
  readonly seed?: number;
  /** In place of the guarantees that the blueprint's stage makes. */
  readonly guarantees?: readonly Guarantee[];
}

/** How long a check that ran out of time may take to let go before the next one starts. */
const LET_GO_MS = 3_000;
/** How long a project may take to answer well once it is up. */
const WELL_AFTER_BOOT_MS = 8_000;
/** How long it may take after a check has broken something on purpose. */
const WELL_AFTER_CHECK_MS = 25_000;
const LOG_TAIL_LINES = 12;

/**
 * Checks the guarantees in journey order; a broken one does not keep the next from being checked.
 * @throws UsageError if the project is not installed; Failure if it does not compile; the signal's reason when aborted
 */
export async function verifyProject(options: VerifyRequest): Promise<VerifyReport> {
  const run = new Run(options);
  return await run.report();
}

class Run {
  readonly #options: VerifyRequest;
  readonly #guarantees: readonly Guarantee[];
  readonly #results: GuaranteeResult[] = [];
  /** How many guarantees have a result: wrong probes have some too. */
  #done = 0;
  readonly #started = performance.now();
  readonly #seed: number;
  readonly #random: () => number;
  readonly #placeholders: Placeholders;
  #running: Running | undefined;
  #bootMs: number | undefined;
  #hint: string | undefined;
  #probeFaults: readonly ProbeFault[] | undefined;
  /** A project that never answers well is told so by its guarantees; nobody waits for it between them. */
  #isWellAfterBoot = false;

  constructor(options: VerifyRequest) {
    this.#options = options;
    this.#guarantees = options.guarantees ?? guaranteesOf(options.blueprint, options);
    this.#seed = options.seed ?? newSeed();
    this.#random = randomFrom(this.#seed);
    this.#placeholders = new Placeholders(this.#random, name => this.#secret(name), Date.now());
  }

  async report(): Promise<VerifyReport> {
    const { blueprint, directory, engine, signal } = this.#options;
    signal?.throwIfAborted();
    const availability = await engine.available(blueprint, directory);
    if (!availability.available) {
      this.#hint = availability.hint;
      this.#skipRest(`not run: ${availability.reason ?? `${engine.name} is not available`}`, 'machine');
      return this.#report();
    }
    try {
      await engine.prepare?.({ directory, blueprint, onProgress: this.#say, ...(signal && { signal }) });
      if (await this.#boot()) await this.#checkAll();
    } catch (error) {
      signal?.throwIfAborted();
      if (!lacksMachine(error)) throw error;
      this.#didNotStart(error);
    } finally {
      await this.#running?.down();
    }
    signal?.throwIfAborted();
    return this.#report();
  }

  readonly #say = (line: string): void => this.#options.onProgress?.(line);

  async #boot(): Promise<boolean> {
    const { directory, blueprint, engine, signal } = this.#options;
    this.#say(`starting the project (${engine.name})`);
    let started = performance.now();
    try {
      this.#running = await engine.up({
        directory,
        blueprint,
        onProgress: this.#say,
        onBuilt: () => {
          started = performance.now();
        },
        extraEnv: { ...hurried(blueprint, this.#options.stageFile), ...this.#options.extraEnv },
        ...(signal === undefined ? {} : { signal }),
      });
      await this.#asked(this.#running);
    } catch (error) {
      signal?.throwIfAborted();
      this.#didNotStart(error);
      return false;
    }
    this.#bootMs ??= Math.round(performance.now() - started);
    this.#isWellAfterBoot = (await this.#heal(this.#running, WELL_AFTER_BOOT_MS)) === undefined;
    await this.#tryProbes(this.#running);
    return true;
  }

  /** A project that does not start breaks the first guarantee that needs it, and hides the others. */
  #didNotStart(error: unknown): void {
    if (error instanceof EngineError) this.#hint ??= error.hint;
    if (lacksMachine(error)) {
      this.#skipRest(`not run: ${messageOf(error)}`, 'machine');
      return;
    }
    const detail = `the project did not start: ${messageOf(error)}`;
    const [first] = this.#guarantees;
    if (first && this.#done === 0) {
      const logTail = error instanceof EngineError ? error.logTail : [];
      this.#record(first, { status: 'broken', detail }, 0, logTail);
    }
    this.#skipRest(detail, 'start');
  }

  /** One good-natured request: whether anybody answers at all. */
  async #asked(running: Running): Promise<boolean> {
    const door = HttpClient.frontDoor(running);
    try {
      return await this.#answersWell(this.#probesAt(door), door);
    } finally {
      door.close();
    }
  }

  /** Whether the front door leads to a program: by the read probe, as long as nobody knows that it is wrong. */
  async #answersWell(probes: Probes, door: HttpClient): Promise<boolean> {
    if (probes.facts.probes.read && !this.#isBroken('probes.read') && this.#probeFaults) {
      return probes.isRead(await probes.read());
    }
    return (await door.get('/')).status < 500;
  }

  #isBroken(probe: ProbeName): boolean {
    return this.#probeFaults?.some(fault => fault.probe === probe) ?? false;
  }

  #probesAt(door: HttpClient): Probes {
    return new Probes(this.#options.stageFile, door, this.#placeholders);
  }

  async #secret(name: string): Promise<string> {
    const own = this.#running?.secret(name);
    if (own) return await own.catch(() => readSecret(this.#options.directory, name));
    return await readSecret(this.#options.directory, name);
  }

  /** Once: what a wrong probe says is told before the guarantees, and they are not judged by it. */
  async #tryProbes(running: Running): Promise<void> {
    if (this.#probeFaults || this.#options.guarantees) return;
    const { world, close } = this.#worldOf(running, undefined);
    try {
      this.#probeFaults = await tryProbes(world);
    } finally {
      close();
    }
    const logTail = this.#probeFaults.length > 0 ? await this.#logTail(running) : [];
    for (const { name, detail } of this.#probeFaults) {
      this.#results.push({
        id: `probe.${name.replace(/^probes\./, '')}`,
        title: `the program answers ${name} of stage.yaml as that says`,
        status: 'broken',
        detail,
        figures: {},
        durationMs: 0,
        ...(logTail.length > 0 ? { logTail } : {}),
      });
      this.#options.onGuarantee?.(this.#results.at(-1) as GuaranteeResult);
    }
  }

  async #checkAll(): Promise<void> {
    for (const guarantee of this.#guarantees) {
      this.#options.signal?.throwIfAborted();
      if (!this.#running) return;
      const refused = this.#refused(guarantee);
      if (refused) {
        this.#record(guarantee, refused, 0);
        continue;
      }
      this.#options.onStart?.(guarantee);
      if (guarantee.drill) await this.#freshen(this.#running);
      await this.#checkOne(this.#running, guarantee);
    }
  }

  /** Why a guarantee is not checked at all, if it is not. */
  #refused({ id, needs }: Guarantee): Outcome | undefined {
    const { stageFile } = this.#options;
    const said = stageFile.notPromised.find(each => each.guarantee === id);
    if (said) return { status: 'not-promised', detail: said.because };
    const missing = missingIn(stageFile, needs);
    if (missing)
      return {
        status: 'not-promised',
        detail: `stage.yaml has no ${missing}: with it, this would be checked`,
      };
    const broken = brokenAmong(stageFile, needs, probe => this.#isBroken(probe) || this.#hangsOnLogin(probe));
    if (!broken) return undefined;
    return { status: 'not-verified', why: 'probe', detail: `${broken} does not do what stage.yaml says` };
  }

  /** A write that needs a login which is wrong could not even be tried. */
  #hangsOnLogin(probe: ProbeName): boolean {
    const { as } = this.#options.stageFile.probes.write ?? {};
    const isWrong = this.#probeFaults?.some(({ name }) => name === `probes.logins.${as}`);
    return probe === 'probes.write' && isWrong === true;
  }

  async #checkOne(running: Running, guarantee: Guarantee): Promise<void> {
    const started = performance.now();
    const outcome = await this.#verdictOf(running, guarantee);
    const durationMs = Math.round(performance.now() - started);
    const logTail = outcome.status === 'broken' ? await this.#logTail(running) : [];
    const damage = this.#isWellAfterBoot ? await this.#heal(running, WELL_AFTER_CHECK_MS) : undefined;
    if (damage === undefined) return this.#record(guarantee, outcome, durationMs, logTail);
    const detail =
      outcome.status === 'broken'
        ? outcome.detail
        : `${outcome.detail}; but afterwards the project was not healthy again: ${damage}`;
    const { why: _why, ...rest } = outcome;
    this.#record(guarantee, { ...rest, status: 'broken', detail }, durationMs, [
      ...logTail,
      ...(await this.#logTail(running)),
    ]);
    await this.#restart(running);
  }

  /** A verdict about time that was reached on a machine without any is reached once more, and then not at all. */
  async #verdictOf(running: Running, guarantee: Guarantee): Promise<Outcome> {
    const first = await this.#judge(running, guarantee);
    if (!first.isDoubtful) return first.outcome;
    await this.#heal(running, WELL_AFTER_CHECK_MS);
    const second = await this.#judge(running, guarantee);
    return second.isDoubtful ? tooBusy(second) : second.outcome;
  }

  /** What a proxy remembers of one drill must not hide anything from the next. */
  async #freshen(running: Running): Promise<void> {
    const proxies = running.blueprint.nodes.filter(({ kind }) => kind === 'haproxy' || kind === 'nginx');
    for (const { name } of proxies) await running.restart(name);
    await this.#heal(running, WELL_AFTER_CHECK_MS);
  }

  /** @returns what is wrong, if the project does not become healthy */
  async #heal(running: Running, withinMs: number): Promise<string | undefined> {
    const door = HttpClient.frontDoor(running);
    try {
      const probes = this.#probesAt(door);
      await makeHealthy(running, () => this.#answersWell(probes, door), withinMs);
      return undefined;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      return messageOf(error);
    } finally {
      door.close();
    }
  }

  async #restart(running: Running): Promise<void> {
    this.#running = undefined;
    await running.down();
    if (this.#guarantees.length > this.#done) await this.#boot();
  }

  #worldOf(running: Running, limit: AbortSignal | undefined): { world: World; close: () => void } {
    const { blueprint, directory, signal } = this.#options;
    const door = HttpClient.frontDoor(running);
    const signals = [signal, limit].filter(each => each !== undefined);
    const world: World = {
      running,
      blueprint,
      directory,
      door,
      probes: this.#probesAt(door),
      random: this.#random,
      bootMs: this.#bootMs ?? 0,
      onProgress: line => this.#options.onTick?.(line),
      signal: AbortSignal.any(signals),
    };
    return { world, close: () => door.close() };
  }

  async #judge(running: Running, guarantee: Guarantee): Promise<Judged> {
    const { signal } = this.#options;
    const limit = new AbortController();
    const { world, close } = this.#worldOf(running, limit.signal);
    let ended: Promise<unknown> = Promise.resolve();
    try {
      const judged = await runCheck(guarantee, world, signal, () => limit.abort());
      ended = judged.ended;
      return judged;
    } finally {
      close();
      // Its own clean-up (starting what it killed) must not run into the next check.
      if (!signal?.aborted) await Promise.race([ended, sleep(LET_GO_MS, undefined, { ref: false })]);
    }
  }

  async #logTail(running: Running): Promise<string[]> {
    const lines = await Promise.all(
      programs(running.blueprint).map(async ({ name }) =>
        (await running.logs(name).catch(() => [])).slice(-LOG_TAIL_LINES).map(line => `${name} | ${line}`),
      ),
    );
    return lines.flat().slice(-2 * LOG_TAIL_LINES);
  }

  #record(guarantee: Guarantee, outcome: Outcome, durationMs: number, logTail: readonly string[] = []): void {
    const { status, why, detail, figures = {} } = outcome;
    const { id, title, lines, drill } = guarantee;
    const result: GuaranteeResult = {
      id,
      title,
      ...(lines && { lines }),
      ...(drill && { drill }),
      status,
      ...(why && { why }),
      detail,
      figures,
      durationMs,
      ...(logTail.length > 0 ? { logTail } : {}),
    };
    this.#results.push(result);
    this.#done++;
    this.#options.onGuarantee?.(result);
  }

  #skipRest(detail: string, why: Reason): void {
    for (const guarantee of this.#guarantees.slice(this.#done)) {
      this.#record(guarantee, this.#refusedByFile(guarantee) ?? { status: 'not-verified', why, detail }, 0);
    }
  }

  /** What the project does not promise is not promised on a machine that cannot run it, either. */
  #refusedByFile(guarantee: Guarantee): Outcome | undefined {
    const refused = this.#refused(guarantee);
    return refused?.status === 'not-promised' ? refused : undefined;
  }

  #report(): VerifyReport {
    const { blueprint, engine } = this.#options;
    return {
      stage: blueprint.stage,
      engine: engine.name,
      guarantees: this.#results,
      counts: countsOf(this.#results),
      durationMs: Math.round(performance.now() - this.#started),
      bootMs: this.#bootMs ?? null,
      seed: this.#seed,
      ...(this.#hint === undefined ? {} : { hint: this.#hint }),
    };
  }
}

/** Whether an error says that it is this machine that lacks something, and not the project. */
function lacksMachine(error: unknown): boolean {
  return error instanceof EngineError && error.lacks === 'machine';
}

/** A secret that the owner keeps beside those that the project's own script makes. */
async function readSecret(directory: string, name: string): Promise<string> {
  try {
    return (await readFile(join(directory, 'secrets', name), 'utf8')).trim();
  } catch {
    throw new Error(`there is no secrets/${name}, which stage.yaml names`);
  }
}

/** What makes programs give up sooner than in production, so that it can be watched. */
function hurried(blueprint: Blueprint, { probes }: StageFile): Record<string, Record<string, string>> {
  const hurry = Object.entries(probes.write?.without?.hurry ?? {});
  const ofProgram = ({ name, env }: ProgramNode) => {
    const known = new Set(env.map(({ key }) => key));
    return [name, Object.fromEntries(hurry.filter(([key]) => known.has(key)))] as const;
  };
  return Object.fromEntries(programs(blueprint).map(ofProgram));
}
