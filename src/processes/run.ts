/** Other people's programs, run to their end. What keeps running (servers, the project's programs) belongs to the engines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { HAS_SIGNALS, OWN_GROUP, signalGroup } from './group.ts';

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** Absent: the current one. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onLine?: (line: string) => void;
  /** Ends the process and whatever it started; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** After this the process is ended, and the promise rejects with a `TimeoutError`. Absent: it may take for ever. */
  readonly timeoutMs?: number;
}

export interface ProcessEnd {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  /** What it printed last, on either stream, in the order in which it came. */
  readonly lines: readonly string[];
}

const KEPT_LINES = 500;
/** How long a process that was asked to end may take, in ms. */
const PATIENCE_MS = 3000;
/** Longer than any program takes to tell its version. */
const PROBE_MS = 10_000;

/** Runs a program to its end. @throws Error (ENOENT) if there is no such program; the signal's reason; a TimeoutError */
export async function runProcess(request: ProcessRequest): Promise<ProcessEnd> {
  const signal = endingSignal(request);
  signal.throwIfAborted();
  const child = start(request);
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    request.onLine?.(line);
  };
  for (const input of [child.stdout, child.stderr]) if (input) createInterface({ input }).on('line', keep);
  const killNow = () => endGroup(child, 'SIGKILL');
  const onAbort = () => {
    endGroup(child, 'SIGTERM');
    setTimeout(killNow, PATIENCE_MS).unref();
  };
  process.once('exit', killNow);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const exitCode = await ended(child);
    signal.throwIfAborted();
    return { exitCode, lines };
  } finally {
    process.off('exit', killNow);
    signal.removeEventListener('abort', onAbort);
    // Whatever it had started and left running.
    if (signal.aborted) killNow();
  }
}

/** What a program prints when asked for something quick, such as its version; nothing where it does not run. */
export async function outputOf(command: string, args: readonly string[]): Promise<string> {
  try {
    const { exitCode, lines } = await runProcess({ command, args, timeoutMs: PROBE_MS });
    return exitCode === 0 ? lines.join('\n') : '';
  } catch {
    return '';
  }
}

function endingSignal({ signal, timeoutMs }: ProcessRequest): AbortSignal {
  const given = signal === undefined ? [] : [signal];
  return AbortSignal.any(timeoutMs === undefined ? given : [...given, AbortSignal.timeout(timeoutMs)]);
}

function start({ command, args, cwd, env }: ProcessRequest): ChildProcess {
  return spawn(command, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm and its like are scripts there, which only a shell starts.
    shell: !HAS_SIGNALS && !/\.exe$/i.test(command),
    ...OWN_GROUP,
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve(code));
  });
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) signalGroup(pid, signal);
}
