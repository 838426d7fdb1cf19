import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onLine?: (line: string) => void;
  /** Ends the process and whatever it started; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ProcessEnd {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  /** What it printed last, on either stream. */
  readonly tail: readonly string[];
}

const TAIL_LINES = 20;
/** How long a process that was asked to end may take, in ms. */
const PATIENCE_MS = 3000;

/** Runs a program to its end. @throws Error (ENOENT) if there is no such program */
export async function runProcess(request: ProcessRequest): Promise<ProcessEnd> {
  request.signal?.throwIfAborted();
  const windows = process.platform === 'win32';
  const child = spawn(request.command, [...request.args], {
    cwd: request.cwd,
    env: { ...process.env, ...request.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm and its like are scripts there, which only a shell starts.
    shell: windows && request.command !== process.execPath,
    // A group of its own, so that what it started can be ended with it.
    detached: !windows,
  });
  const tail: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    request.onLine?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', keep);
  const killAtExit = () => endGroup(child, 'SIGKILL');
  process.once('exit', killAtExit);
  const onAbort = () => {
    endGroup(child, 'SIGTERM');
    setTimeout(() => endGroup(child, 'SIGKILL'), PATIENCE_MS).unref();
  };
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const exitCode = await ended(child);
    request.signal?.throwIfAborted();
    return { exitCode, tail };
  } finally {
    process.off('exit', killAtExit);
    request.signal?.removeEventListener('abort', onAbort);
    // What the program left running holds its pipes open and would hold us.
    if (request.signal?.aborted) endGroup(child, 'SIGKILL');
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve(code));
  });
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}
