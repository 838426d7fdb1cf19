/** What a run has brought into the world, and the one way to be rid of all of it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlueprintNode } from '../../blueprint/blueprint.ts';
import { EngineError } from '../../errors.ts';
import type { UpOptions } from '../engine.ts';
import { Child } from './child.ts';
import { type Cleanable, guard } from './interrupts.ts';
import type { ExitCode, Launch } from './launch.ts';
import { releasePorts, requireFreePort, reservePort } from './ports.ts';
import { RunDirectory } from './run-directory.ts';
import { Watchdog } from './watchdog.ts';

/** Who stops first: whoever asks before whoever answers. */
const STOP_RANK: Readonly<Record<BlueprintNode['kind'], number>> = {
  nginx: 0,
  haproxy: 0,
  program: 1,
  job: 1,
  mail: 2,
  postgres: 2,
};
const STOP_RANKS = [...new Set(Object.values(STOP_RANK))].sort((one, other) => one - other);

/** Where a project keeps its secrets. */
const SECRETS_FOLDER = 'secrets';

/** A start that is under way notices within this time that it has been called off. */
const START_SETTLES_MS = 5_000;

/** What a run stops before it ends its processes. */
export interface Stoppable {
  readonly log: { close(): Promise<void> };
  /** Ends it in order, or failing that by force. */
  stop(): Promise<void>;
  /** Removes whatever is left of it once it is down for good. */
  clear?(): Promise<void>;
}

export class Lifecycle implements Cleanable {
  readonly ownerExits: boolean;
  readonly runDirectory: RunDirectory;
  /** Settles when the run is being taken down. */
  readonly closing: Promise<void>;
  #watchdog!: Watchdog;
  readonly #unguard: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #children = new Set<Child>();
  readonly #copies: { kind: BlueprintNode['kind']; copy: Stoppable }[] = [];
  readonly #ports: number[] = [];
  #close: () => void = () => undefined;
  #isClosing = false;
  #start: Promise<unknown> = Promise.resolve();
  #isUp = false;
  #undo: Launch | undefined;
  #down: Promise<void> | undefined;

  /**
   * The folder, its watchdog and the guard come in one turn: nothing exists that nobody would remove.
   * @param ownSecrets the folder of secrets that the run shall use; absent: one of its own
   * @throws EngineError where the machine has no place for it
   */
  constructor(signal: AbortSignal | undefined, ownSecrets?: string) {
    this.#signal = signal;
    this.ownerExits = signal !== undefined;
    this.closing = new Promise(resolve => {
      this.#close = resolve;
    });
    this.runDirectory = RunDirectory.create(ownSecrets, ({ path }) => {
      this.#watchdog = new Watchdog(path);
    });
    this.#unguard = guard(this);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    void this.down();
  };

  /** Runs the start; `down` waits until it has noticed that it is called off. */
  async during<T>(start: Promise<T>): Promise<T> {
    this.#start = start.catch(() => undefined);
    const result = await start;
    this.refuseWhileClosing();
    this.#isUp = true;
    return result;
  }

  refuseWhileClosing(): void {
    if (this.#isClosing) throw new EngineError('the run was ended before it was up');
  }

  adopt(kind: BlueprintNode['kind'], copy: Stoppable): void {
    this.#copies.push({ kind, copy });
  }

  /** Has a folder outside the run directory removed too, should this process not live to do so. */
  watchFolder(path: string): void {
    this.#watchdog.watchDirectory(path);
  }

  /** Has a program run at the end that undoes what the run did elsewhere, also should this process not live to do so. */
  undoBy(launch: Launch): void {
    this.#undo = launch;
    this.#watchdog.undoBy(launch);
  }

  /**
   * A free port, or the one that is wanted.
   * @throws EngineError where the wanted one, or any, cannot be listened on
   */
  async port(wanted?: number): Promise<number> {
    if (wanted !== undefined) {
      await requireFreePort(wanted);
      return wanted;
    }
    const port = await reservePort();
    this.#ports.push(port);
    return port;
  }

  launch(launch: Launch, onLine: (line: string) => void): Child {
    this.refuseWhileClosing();
    const child = new Child(launch, this.#watchdog, onLine);
    this.#children.add(child);
    void child.exit.then(() => this.#children.delete(child));
    return child;
  }

  async complete(launch: Launch): Promise<{ code: ExitCode; lines: readonly string[] }> {
    const lines: string[] = [];
    const code = await this.launch(launch, line => lines.push(line)).exit;
    return { code, lines };
  }

  /** Ends every process, removes every file. All callers wait for the same end. */
  down(): Promise<void> {
    this.#down ??= this.#takeDown();
    return this.#down;
  }

  async #takeDown(): Promise<void> {
    this.#isClosing = true;
    this.#close();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    for (const rank of STOP_RANKS)
      await this.#each(({ kind, copy }) => (STOP_RANK[kind] === rank ? copy.stop() : undefined));
    await Promise.all([...this.#children].map(child => child.kill()));
    await Promise.race([this.#start, sleep(START_SETTLES_MS, undefined, { ref: false })]);
    await this.#undoAll();
    await this.#each(({ copy }) => copy.clear?.());
    await this.#each(({ copy }) => copy.log.close());
    await this.runDirectory.remove();
    await this.#watchdog.release();
    releasePorts(this.#ports);
    this.#unguard();
  }

  async #undoAll(): Promise<void> {
    // What a start that was called off had already asked for may come to be after the first time.
    for (let times = this.#isUp ? 1 : 2; this.#undo && times > 0; times--) {
      const child = new Child(this.#undo, this.#watchdog, () => undefined);
      this.#children.add(child);
      await child.exit;
    }
  }

  /** One copy that resists must not save the others. */
  async #each(
    action: (entry: { kind: BlueprintNode['kind']; copy: Stoppable }) => Promise<void> | undefined,
  ): Promise<void> {
    await Promise.allSettled(this.#copies.map(action));
  }

  downNow(): void {
    this.#isClosing = true;
    this.#close();
    for (const child of this.#children) child.endNow();
    this.runDirectory.removeNow();
  }
}

/** Starts a run whose whole life `lifecycle` watches over. @throws what `start` throws, or the signal's reason; all is down then */
export async function startWatched<T>(
  { signal, directory, lasting }: Pick<UpOptions, 'signal' | 'directory' | 'lasting'>,
  start: (lifecycle: Lifecycle) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const lifecycle = new Lifecycle(signal, lasting && join(directory, SECRETS_FOLDER));
  try {
    return await lifecycle.during(start(lifecycle));
  } catch (error) {
    await lifecycle.down();
    signal?.throwIfAborted();
    throw error;
  }
}
