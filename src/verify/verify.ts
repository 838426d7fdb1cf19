/** Boots a project and checks every guarantee of its stage, from outside. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { type Engine, EngineError, type Running } from '../engines/engine.ts';
import { guaranteesOf } from './checks/index.ts';
import { sleep } from './expect.ts';
import { Broken, type Guarantee, NotVerifiable, type Outcome, type World } from './guarantee.ts';
import { messageOf, ShopClient } from './http/client.ts';
import { countsOf, type GuaranteeResult, type VerifyReport } from './report.ts';
import { makeHealthy } from './system/heal.ts';
import { programs } from './system/nodes.ts';

export interface VerifyOptions {
  /** The project's folder. Its dependencies are installed; it is built here where that is due. */
  readonly directory: string;
  readonly blueprint: Blueprint;
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
  /** In place of the guarantees that the blueprint's stage makes. */
  readonly guarantees?: readonly Guarantee[];
}

const DEFAULT_LIMIT_MS = 30_000;
/** How long a check that ran out of time may take to let go before the next one starts. */
const LET_GO_MS = 3_000;
/** How long a project may take to answer well once it is up. */
const WELL_AFTER_BOOT_MS = 8_000;
/** How long it may take after a check has broken something on purpose. */
const WELL_AFTER_CHECK_MS = 25_000;
const LOG_TAIL_LINES = 12;
/** Short enough to watch an order being taken back; the project's own is a quarter of an hour. */
const ORDER_DEADLINE_SECONDS = '4';

/**
 * Checks the guarantees in journey order; a broken one does not keep the next from being checked.
 * @throws UsageError if the project is not installed; Failure if it does not compile; the signal's reason when aborted
 */
export async function verifyProject(options: VerifyOptions): Promise<VerifyReport> {
  const run = new Run(options);
  return await run.report();
}

class Run {
  readonly #options: VerifyOptions;
  readonly #guarantees: readonly Guarantee[];
  readonly #results: GuaranteeResult[] = [];
  readonly #started = performance.now();
  #running: Running | undefined;
  #bootMs: number | undefined;
  #hint: string | undefined;
  /** A project that never answers well is told so by its guarantees; nobody waits for it between them. */
  #isWellAfterBoot = false;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#guarantees = options.guarantees ?? guaranteesOf(options.blueprint, options);
  }

  async report(): Promise<VerifyReport> {
    const { blueprint, directory, engine, signal } = this.#options;
    signal?.throwIfAborted();
    const availability = await engine.available(blueprint, directory);
    if (!availability.available) {
      this.#hint = availability.hint;
      this.#skipRest(`not run: ${availability.reason ?? `${engine.name} is not available`}`);
      return this.#done();
    }
    await engine.prepare?.({ directory, blueprint, onProgress: this.#say, ...(signal && { signal }) });
    try {
      if (await this.#boot()) await this.#checkAll();
    } finally {
      await this.#running?.down();
    }
    signal?.throwIfAborted();
    return this.#done();
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
        extraEnv: { ...shortDeadlines(blueprint), ...this.#options.extraEnv },
        ...(signal === undefined ? {} : { signal }),
      });
      const shop = ShopClient.frontDoor(this.#running);
      await shop.get('/products?limit=1').finally(() => shop.close());
    } catch (error) {
      signal?.throwIfAborted();
      this.#didNotStart(error);
      return false;
    }
    this.#bootMs ??= Math.round(performance.now() - started);
    this.#isWellAfterBoot = (await this.#heal(this.#running, WELL_AFTER_BOOT_MS)) === undefined;
    return true;
  }

  /** A project that does not start breaks the first guarantee that needs it, and hides the others. */
  #didNotStart(error: unknown): void {
    const [first] = this.#guarantees;
    const detail = `the project did not start: ${messageOf(error)}`;
    if (error instanceof EngineError) this.#hint ??= error.hint;
    if (first && this.#results.length === 0) {
      const logTail = error instanceof EngineError ? error.logTail : [];
      this.#record(first, { status: 'broken', detail }, 0, logTail);
    }
    this.#skipRest(detail);
  }

  async #checkAll(): Promise<void> {
    for (const guarantee of this.#guarantees) {
      this.#options.signal?.throwIfAborted();
      if (!this.#running) return;
      this.#options.onStart?.(guarantee);
      if (guarantee.drill) await this.#freshen(this.#running);
      await this.#checkOne(this.#running, guarantee);
    }
  }

  async #checkOne(running: Running, guarantee: Guarantee): Promise<void> {
    const started = performance.now();
    const outcome = await this.#outcomeOf(running, guarantee);
    const durationMs = Math.round(performance.now() - started);
    const logTail = outcome.status === 'broken' ? await this.#logTail(running) : [];
    const damage = this.#isWellAfterBoot ? await this.#heal(running, WELL_AFTER_CHECK_MS) : undefined;
    if (damage === undefined) return this.#record(guarantee, outcome, durationMs, logTail);
    const detail =
      outcome.status === 'broken'
        ? outcome.detail
        : `${outcome.detail}; but afterwards the project was not healthy again: ${damage}`;
    this.#record(guarantee, { ...outcome, status: 'broken', detail }, durationMs, [
      ...logTail,
      ...(await this.#logTail(running)),
    ]);
    await this.#restart(running);
  }

  /** What a proxy remembers of one drill must not hide anything from the next. */
  async #freshen(running: Running): Promise<void> {
    const proxies = running.blueprint.nodes.filter(({ kind }) => kind === 'haproxy' || kind === 'nginx');
    for (const { name } of proxies) await running.restart(name);
    await this.#heal(running, WELL_AFTER_CHECK_MS);
  }

  /** @returns what is wrong, if the project does not become healthy */
  async #heal(running: Running, withinMs: number): Promise<string | undefined> {
    const shop = ShopClient.frontDoor(running);
    try {
      await makeHealthy(running, shop, withinMs);
      return undefined;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      return messageOf(error);
    } finally {
      shop.close();
    }
  }

  async #restart(running: Running): Promise<void> {
    this.#running = undefined;
    await running.down();
    const remaining = this.#guarantees.length - this.#results.length;
    if (remaining > 0) await this.#boot();
  }

  async #outcomeOf(running: Running, guarantee: Guarantee): Promise<Outcome> {
    const { blueprint, directory, signal } = this.#options;
    const limitMs = guarantee.limitMs ?? DEFAULT_LIMIT_MS;
    const shop = ShopClient.frontDoor(running);
    const limit = new AbortController();
    const world: World = {
      running,
      blueprint,
      directory,
      shop,
      bootMs: this.#bootMs ?? 0,
      onProgress: line => this.#options.onTick?.(line),
      signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    };
    const check = guarantee.check(world);
    try {
      return await before(world.signal, check, limitMs, () => limit.abort());
    } catch (error) {
      signal?.throwIfAborted();
      return outcomeOfError(error);
    } finally {
      shop.close();
      // Its own clean-up (starting what it killed) must not run into the next check.
      if (!signal?.aborted)
        await Promise.race([check.catch(() => {}), sleep(LET_GO_MS, undefined, { ref: false })]);
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
    const { status, detail, figures = {} } = outcome;
    const { id, title, lines, drill } = guarantee;
    const result: GuaranteeResult = {
      id,
      title,
      ...(lines && { lines }),
      ...(drill && { drill }),
      status,
      detail,
      figures,
      durationMs,
      ...(logTail.length > 0 ? { logTail } : {}),
    };
    this.#results.push(result);
    this.#options.onGuarantee?.(result);
  }

  #skipRest(detail: string): void {
    for (const guarantee of this.#guarantees.slice(this.#results.length)) {
      this.#record(guarantee, { status: 'not-verified', detail }, 0);
    }
  }

  #done(): VerifyReport {
    const { blueprint, engine } = this.#options;
    const counts = countsOf(this.#results);
    return {
      schemaVersion: 1,
      ok: counts.broken === 0,
      command: 'verify',
      stage: blueprint.stage,
      engine: engine.name,
      guarantees: this.#results,
      counts,
      durationMs: Math.round(performance.now() - this.#started),
      bootMs: this.#bootMs ?? null,
      ...(this.#hint === undefined ? {} : { hint: this.#hint }),
    };
  }
}

function shortDeadlines(blueprint: Blueprint): Record<string, Record<string, string>> {
  const key = 'ORDER_DEADLINE_SECONDS';
  const waiting = programs(blueprint).filter(program => program.env.some(entry => entry.key === key));
  return Object.fromEntries(waiting.map(program => [program.name, { [key]: ORDER_DEADLINE_SECONDS }]));
}

function outcomeOfError(error: unknown): Outcome {
  if (error instanceof Broken) return { status: 'broken', detail: error.message, figures: error.figures };
  if (error instanceof NotVerifiable) return { status: 'not-verified', detail: error.message };
  return { status: 'broken', detail: messageOf(error) };
}

/** The check's outcome, or Broken when its time is up. @throws the signal's reason when that comes first */
async function before(
  signal: AbortSignal,
  check: Promise<Outcome>,
  limitMs: number,
  expire: () => void,
): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Broken(`the check was not done within ${limitMs / 1000} s`));
      expire();
    }, limitMs);
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([check, late]);
  } finally {
    clearTimeout(timer);
    late.catch(() => {});
  }
}
