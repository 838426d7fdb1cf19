/**
 * The watchdog: a small process that outlives the tool. It holds one end of a pipe; when the tool dies without having
 * cleaned up (SIGKILL, out of memory), the pipe closes, and the watchdog ends what the tool had started and removes its files.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OWN_GROUP } from '../../processes/group.ts';
import { startStamp } from '../../processes/table.ts';
import { inheritedEnvironment } from './environment.ts';
import type { Launch } from './launch.ts';
import type { Message } from './watchdog-process.ts';
import PROGRAM from './watchdog-process.ts?bundled';

export class Watchdog {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  /** Starts it over `runDirectory`, which it removes if the tool does not live to do so. */
  constructor(runDirectory: string) {
    // Nothing that happens to the tool's own files, such as another build, reaches it there.
    const file = join(runDirectory, 'watchdog.cjs');
    writeFileSync(file, PROGRAM);
    this.#process = spawn(process.execPath, [file], {
      ...OWN_GROUP,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: runDirectory,
      env: inheritedEnvironment(),
    });
    this.#ended = new Promise(resolve => {
      this.#process.once('exit', () => resolve());
      this.#process.once('error', () => resolve());
    });
    this.#process.stdin?.on('error', () => undefined);
    this.#process.unref();
    (this.#process.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    this.watchDirectory(runDirectory);
  }

  /** Takes a process and its group under watch. To be called in the same turn as `spawn`, before its id could be anyone else's. */
  watch(pid: number, kind: Launch['kind']): void {
    this.#tell({ watch: pid, stamp: startStamp(pid), kind });
  }

  /** The process has ended and been waited for: its id is no longer ours. */
  forget(pid: number): void {
    this.#tell({ forget: pid });
  }

  watchDirectory(path: string): void {
    this.#tell({ directory: path });
  }

  /** Has a program run too, which undoes what the tool did elsewhere. */
  undoBy({ command, args, env }: Launch): void {
    this.#tell({ undo: { command, args, env } });
  }

  /** Everything is gone: the watchdog has nothing left to do and ends. */
  async release(): Promise<void> {
    this.#tell({ release: true });
    this.#process.stdin?.end();
    this.#process.ref();
    await this.#ended;
  }

  #tell(message: Message): void {
    if (this.#process.stdin?.writable) this.#process.stdin.write(`${JSON.stringify(message)}\n`);
  }
}
