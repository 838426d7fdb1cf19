/** A process together with what it has started. How systems differ in that lies here alone. */
import { execFileSync } from 'node:child_process';
import { codeOf } from '../errors.ts';

/** Whether signals other than "end at once" exist, and groups of processes. */
export const HAS_SIGNALS = process.platform !== 'win32';

/** For `spawn`: the process leads a group of its own, so that what it starts can be ended with it. */
export const OWN_GROUP = { detached: HAS_SIGNALS, windowsHide: true } as const;

/** Signals a process. Nothing happens if it has ended. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // macOS answers EPERM for a group of which only zombies are left.
    if (!['ESRCH', 'EPERM'].includes(codeOf(error))) throw error;
  }
}

/** Signals a process and its group; the process alone where there are no groups. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  signalProcess(HAS_SIGNALS ? -leader : leader, signal);
}

/** Ends what a leader that has ended left in its group. The group's id is not given away while anything is in it. */
export function killStragglers(leader: number): void {
  if (HAS_SIGNALS) signalGroup(leader, 'SIGKILL');
}

/**
 * Ends a process and its group at once.
 * @param others processes that it started and that left its group; Windows finds them itself
 */
export function killTree(leader: number, others: readonly number[] = []): void {
  if (!HAS_SIGNALS) {
    killWindowsTree(leader);
    return;
  }
  signalGroup(leader, 'SIGKILL');
  for (const pid of others) signalProcess(pid, 'SIGKILL');
}

/** Has a process end at once, but by itself: PostgreSQL then still gives back its shared memory. Also one that is paused. */
export function quit(pid: number): void {
  signalProcess(pid, 'SIGQUIT');
  signalProcess(pid, 'SIGCONT');
}

function killWindowsTree(pid: number): void {
  try {
    execFileSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
  } catch {
    // It has ended by itself.
  }
}
