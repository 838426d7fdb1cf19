/** What the operating system knows of processes: whether one is still the one we started, and what it has started itself. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from '../errors.ts';

const { platform } = process;

/**
 * A text that stays the same for one process and differs for a later one with the same id; undefined when there is none.
 * On Linux the start time in clock ticks, elsewhere what `ps` prints.
 */
export function startStamp(pid: number): string | undefined {
  if (platform === 'linux') {
    const stat = readStat(pid);
    return stat && !stat.isOver ? stat.started : undefined;
  }
  if (platform === 'win32') return isAlive(pid) ? 'unknown' : undefined;
  return ps('-o', 'lstart=', '-p', String(pid))?.trim() || undefined;
}

/** Whether the process exists, whoever it belongs to; a zombie counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Anything else: it is another account's.
    if (codeOf(error) === 'ESRCH') return false;
  }
  return platform !== 'linux' || !readStat(pid)?.isOver;
}

/** Whether the process of that stamp still exists. Where stamps cannot be read: whether one of that id does. */
export function isStill(pid: number, stamp: string | undefined): boolean {
  if (!isAlive(pid)) return false;
  const now = startStamp(pid);
  return stamp === undefined || now === undefined || now === stamp;
}

/** Whether a process works in that folder, named without links; undefined where the system does not tell. */
export function worksIn(pid: number, folder: string): boolean | undefined {
  if (platform !== 'linux') return undefined;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}

/** What a process was started with; undefined where the system does not tell. */
export function commandLine(pid: number): string | undefined {
  return platform === 'win32' ? undefined : (ps('-o', 'command=', '-p', String(pid)) ?? '');
}

/** Every process that descends from `root`. PostgreSQL's backends lead sessions of their own, so no group holds them. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of allProcesses()) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found: number[] = [];
  const queue = [root];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const own = children.get(next) ?? [];
    found.push(...own);
    queue.push(...own);
  }
  return found;
}

function allProcesses(): { pid: number; parent: number }[] {
  if (platform === 'win32') return [];
  if (platform !== 'linux') {
    const rows = (ps('-A', '-o', 'pid=,ppid=') ?? '').trim().split('\n');
    return rows
      .map(row => row.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0]) => ({ pid, parent }));
  }
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.flatMap(pid => {
    const stat = readStat(pid);
    return stat ? [{ pid, parent: stat.parent }] : [];
  });
}

interface ProcessStat {
  readonly parent: number;
  /** Clock ticks from the boot to its start. */
  readonly started: string;
  /** It has ended, and its parent has not asked how. */
  readonly isOver: boolean;
}

/** proc(5): the second field is the name in brackets and may hold anything, so counting starts after the last bracket. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(fields[1]),
      started: fields[19] ?? '',
      isOver: fields[0] === 'Z' || fields[0] === 'X',
    };
  } catch {
    return undefined;
  }
}

function ps(...args: string[]): string | undefined {
  try {
    // The same time in the same words, whoever asks.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    return execFileSync('ps', args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
