/** A shell that a person types into: one line at a time, and what it printed, until it is closed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** Longer than any program of a project may take to stop, and the tool around it. */
const ENDS_WITHIN_MS = 60_000;

export interface Answer {
  /** Both streams, as in a terminal. */
  readonly printed: string;
  /** Undefined: it did not end. */
  readonly exitCode: number | undefined;
}

export class Shell {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #printed = '';
  #onPrinted: () => void = () => undefined;

  constructor(directory: string, env: NodeJS.ProcessEnv) {
    // A group of its own, as in a terminal: Ctrl-C reaches all that runs in it.
    const options = { cwd: directory, env, detached: true } as const;
    this.#child = spawn('bash', ['--noprofile', '--norc'], { ...options, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#ended = new Promise(resolve => {
      this.#child.once('close', () => resolve());
    });
    void this.#ended.then(() => this.#onPrinted());
    // A shell that is gone is told by what it did not print.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
      this.#onPrinted();
    });
    this.#child.stdin?.write('exec 2>&1\n');
  }

  /** Types a line and waits for its end. */
  type(line: string, withinMs: number): Promise<Answer> {
    return this.#typeAndWait(line, withinMs, () => false);
  }

  /** Types a line that goes on, and waits until what it printed is enough, or it has ended. */
  start(line: string, withinMs: number, isUp: (printed: string) => boolean): Promise<Answer> {
    return this.#typeAndWait(line, withinMs, isUp);
  }

  async #typeAndWait(
    line: string,
    withinMs: number,
    isEnough: (printed: string) => boolean,
  ): Promise<Answer> {
    const mark = randomBytes(8).toString('hex');
    const end = new RegExp(`\\n${mark} (\\d+)\\n`);
    this.#printed = '';
    // By eval, a line that is no command fails by itself; and what reads the terminal does not get the lines that follow.
    this.#child.stdin?.write(`eval '${line.replaceAll("'", "'\\''")}' </dev/null\n`);
    this.#child.stdin?.write(`printf '\\n%s %s\\n' ${mark} "$?"\n`);
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, withinMs);
      this.#onPrinted = () => {
        if (!end.test(this.#printed) && !isEnough(this.#printed) && this.#child.exitCode === null) return;
        clearTimeout(timer);
        resolve();
      };
      this.#onPrinted();
    });
    this.#onPrinted = () => undefined;
    const [found, exitCode] = end.exec(this.#printed) ?? [];
    const printed =
      found === undefined ? this.#printed : this.#printed.slice(0, this.#printed.indexOf(found));
    return { printed, exitCode: exitCode === undefined ? undefined : Number(exitCode) };
  }

  /** Ctrl-C, and the terminal is closed. @returns whether all of it ended by itself, in time */
  async interrupt(withinMs = ENDS_WITHIN_MS): Promise<boolean> {
    this.#child.stdin?.end();
    this.#signal('SIGINT');
    const isEnded = await Promise.race([
      this.#ended.then(() => true),
      new Promise<false>(resolve => setTimeout(resolve, withinMs, false).unref()),
    ]);
    this.#signal('SIGKILL');
    return isEnded;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The whole group is gone.
    }
  }
}
