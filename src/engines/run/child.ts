/** One operating-system process of a run, with its group: started, listened to, signalled, and never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  HAS_SIGNALS,
  killStragglers,
  killTree,
  OWN_GROUP,
  quit,
  signalGroup,
  signalProcess,
} from '../../processes/group.ts';
import { descendants, isAlive } from '../../processes/table.ts';
import type { ExitCode, Launch, StopStep } from './launch.ts';
import { lineCutter } from './log-book.ts';
import type { Watchdog } from './watchdog.ts';

/** How long the output of an ended process may lag behind its end: a grandchild can hold the pipe open for ever. */
const OUTPUT_LAG_MS = 300;

export class Child {
  readonly #process: ChildProcess;
  readonly #kind: Launch['kind'];
  #ended = false;
  /** Resolves when the process has ended and its output has been read. */
  readonly exit: Promise<ExitCode>;

  constructor(launch: Launch, watchdog: Watchdog, onLine: (line: string) => void) {
    this.#kind = launch.kind;
    this.#process = spawn(launch.command, [...launch.args], {
      cwd: launch.cwd,
      env: { ...launch.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...OWN_GROUP,
      ...launch.account,
    });
    const { pid } = this.#process;
    if (pid !== undefined) watchdog.watch(pid, launch.kind);
    this.exit = this.#follow(watchdog, onLine);
  }

  /** Undefined once it has ended. */
  get pid(): number | undefined {
    return this.#ended ? undefined : this.#process.pid;
  }

  #follow(watchdog: Watchdog, onLine: (line: string) => void): Promise<ExitCode> {
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      const cutter = lineCutter(onLine);
      stream?.on('data', (bytes: Buffer) => cutter.write(bytes));
      stream?.on('close', () => cutter.end());
    }
    const closed = new Promise<void>(resolve => this.#process.once('close', () => resolve()));
    return new Promise(resolve => {
      this.#process.once('error', error => {
        if (this.#process.pid !== undefined) return;
        this.#ended = true;
        onLine(error.message);
        resolve(127);
      });
      this.#process.once('exit', async code => {
        this.#ended = true;
        const { pid } = this.#process;
        if (pid !== undefined) {
          killStragglers(pid);
          watchdog.forget(pid);
        }
        await Promise.race([closed, sleep(OUTPUT_LAG_MS, undefined, { ref: false })]);
        resolve(code);
      });
    });
  }

  /** Signals the process alone. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid !== undefined) signalProcess(this.pid, signal);
  }

  /** Signals the process and everything in its group. */
  signalGroup(signal: NodeJS.Signals): void {
    if (this.pid !== undefined) signalGroup(this.pid, signal);
  }

  /** SIGKILL for the process and all that it has started, without waiting. @returns what had left its group */
  killNow(): readonly number[] {
    const { pid } = this;
    if (pid === undefined) return [];
    const others = this.#kind === 'postgres' ? descendants(pid) : [];
    killTree(pid, others);
    return others;
  }

  /** For a process of ours that is ending itself: PostgreSQL gets the signal on which it still gives back its shared memory. */
  endNow(): void {
    const { pid } = this;
    if (pid !== undefined && this.#kind === 'postgres' && HAS_SIGNALS) quit(pid);
    else this.killNow();
  }

  /** SIGKILL, and waits until the process and all that it has started are gone. */
  async kill(): Promise<void> {
    const others = this.killNow();
    await this.exit;
    for (let turn = 0; turn < 100 && others.some(isAlive); turn++) await sleep(20);
  }

  /** Asks to stop, each step more firmly, and ends with SIGKILL. */
  async stop(steps: readonly StopStep[]): Promise<void> {
    if (HAS_SIGNALS) {
      for (const { signal, waitMs } of steps) {
        if (this.pid === undefined) break;
        this.signal(signal);
        this.signalGroup('SIGCONT');
        await Promise.race([this.exit, sleep(waitMs, undefined, { ref: false })]);
      }
    }
    await this.kill();
  }
}
