/** One process at a time changes a project. */
import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, UsageError } from '../../errors.ts';
import { unusable } from '../target.ts';
import { tidy } from './carry-out.ts';
import { Disk } from './disk.ts';

export interface Lock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process was started, as the system counts; tells it from a later one of the same number. */
  readonly started: string | undefined;
  readonly command: string;
  /** ISO 8601. */
  readonly at: string;
  readonly token: string;
}

const LOCK = '.stage/lock';
/** A lock that names nobody is being written, which takes microseconds, or its process died while it wrote. */
const UNREADABLE_FOR_MS = 1_000;
const PATIENCE_MS = 5_000;
const PAUSE_MS = 20;

/**
 * Locks the project in `directory`. A lock whose process is dead is taken over.
 * @throws UsageError naming the process that holds it; or if the lock cannot be written
 */
export async function lockProject(directory: string, command: string): Promise<Lock> {
  const disk = new Disk(directory);
  try {
    const lock = await take(disk.at(LOCK), command);
    tidy(disk);
    return lock;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${unusable(LOCK, error).message}; nothing was changed`,
      'mend that, then run it again',
    );
  }
}

/**
 * Only who holds the lock on a dead process's lock may remove that, after another look at it: two never take over.
 * Killed meanwhile, it leaves a dead process's lock in its turn.
 */
async function take(path: string, command: string): Promise<Lock> {
  const host = hostname();
  const started = startOf(process.pid)?.started;
  const at = new Date().toISOString();
  const token = randomBytes(8).toString('hex');
  const text = JSON.stringify({ pid: process.pid, host, started, command, at, token } satisfies Holder);
  const patience = Date.now() + PATIENCE_MS;
  while (!create(path, text)) {
    const found = read(path);
    if (found !== undefined && isDead(found)) await takeAway(path, found.text, command);
    else if (found?.holder || Date.now() > patience) throw held(path, found?.holder);
    else await sleep(PAUSE_MS);
  }
  return {
    release() {
      if (read(path)?.text === text) rmSync(path, { force: true });
    },
  };
}

async function takeAway(path: string, text: string, command: string): Promise<void> {
  const turn = await take(`${path}.old`, command);
  try {
    const found = read(path);
    if (found?.text === text && isDead(found)) rmSync(path, { force: true });
  } finally {
    turn.release();
  }
}

function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

interface FoundLock {
  readonly text: string;
  readonly holder: Holder | undefined;
  readonly age: number;
}

function read(path: string): FoundLock | undefined {
  try {
    const age = Date.now() - lstatSync(path).mtimeMs;
    const text = readFileSync(path, 'utf8');
    return { text, holder: parse(text), age };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const json = JSON.parse(text) as Holder | null;
    if (typeof json?.pid === 'number') return json;
  } catch {
    // Half written.
  }
  return undefined;
}

function isDead({ holder, age }: FoundLock): boolean {
  if (holder === undefined) return age > UNREADABLE_FOR_MS;
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // Anything else: it is somebody else's, and alive.
    if (codeOf(error) === 'ESRCH') return true;
  }
  const now = startOf(holder.pid);
  return now !== undefined && (now.over || now.started !== holder.started);
}

/** As Linux tells it: `over` is a process that has ended, and whose parent has not asked how. */
function startOf(pid: number): { readonly started: string | undefined; readonly over: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything. After it come the state and, 19 fields on, the start in clock ticks since boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { started: fields[19], over: ['Z', 'X'].includes(fields[0] ?? '') };
  } catch {
    return undefined;
  }
}

function held(path: string, holder: Holder | undefined): UsageError {
  if (holder === undefined) return new UsageError(`${path} is held, and names nobody`, 'remove it');
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  return new UsageError(
    `process ${holder.pid}${where} is changing this project (${holder.command}, since ${holder.at})`,
    where ? `wait until it is done; if it no longer runs, remove ${LOCK}` : 'wait until it is done',
  );
}
