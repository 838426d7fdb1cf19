/** One operating-system process of a run, with its group: started, listened to, signalled, and never left behind. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendants, isAlive } from '../../processes/table.ts';
import type { ExitCode, Launch, StopStep } from './launch.ts';
import { lineCutter } from './log-book.ts';
import type { Watchdog } from './watchdog.ts';

const WINDOWS = process.platform === 'win32';

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
      detached: !WINDOWS,
      windowsHide: true,
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
          this.#endStragglers(pid);
          watchdog.forget(pid);
        }
        await Promise.race([closed, sleep(OUTPUT_LAG_MS, undefined, { ref: false })]);
        resolve(code);
      });
    });
  }

  /** What the leader left behind in its group. The group's id cannot have been given away while anything is in it. */
  #endStragglers(group: number): void {
    if (!WINDOWS) trySignal(-group, 'SIGKILL');
  }

  /** Signals the process alone. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid !== undefined) trySignal(this.pid, signal);
  }

  /** Signals the process and everything in its group. */
  signalGroup(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    trySignal(WINDOWS ? this.pid : -this.pid, signal);
  }

  /** SIGKILL for the process and all that it has started, without waiting. */
  killNow(): readonly number[] {
    const { pid } = this;
    if (pid === undefined) return [];
    if (WINDOWS) {
      killWindowsTree(pid);
      return [];
    }
    const children = this.#kind === 'postgres' ? descendants(pid) : [];
    trySignal(-pid, 'SIGKILL');
    for (const child of children) trySignal(child, 'SIGKILL');
    return children;
  }

  /** For a process of ours that is ending itself: PostgreSQL gets the signal on which it still gives back its shared memory. */
  endNow(): void {
    if (this.#kind !== 'postgres' || WINDOWS) {
      this.killNow();
      return;
    }
    this.signal('SIGQUIT');
    this.signal('SIGCONT');
  }

  /** SIGKILL, and waits until the process and all that it has started are gone. */
  async kill(): Promise<void> {
    const children = this.killNow();
    await this.exit;
    for (let turn = 0; turn < 100 && children.some(isAlive); turn++) await sleep(20);
  }

  /** Asks to stop, each step more firmly, and ends with SIGKILL. */
  async stop(steps: readonly StopStep[]): Promise<void> {
    if (!WINDOWS) {
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

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // macOS answers EPERM for a group of which only zombies are left.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function killWindowsTree(pid: number): void {
  try {
    execFileSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
  } catch {
    // It has ended by itself.
  }
}
