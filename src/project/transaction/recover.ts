/** What a killed run left: completed, or taken back. */
import { UsageError } from '../../errors.ts';
import { finish, tidy } from './carry-out.ts';
import { Disk, type Hooks } from './disk.ts';
import { JOURNAL, type ProjectChange, readJournal, type Side } from './journal.ts';

export interface InterruptedRun {
  readonly command: ProjectChange['command'];
  readonly summary: ProjectChange['summary'];
  /** The paths that it changes. */
  readonly files: readonly string[];
}

export interface Recovery {
  readonly run: InterruptedRun;
  /** Files (`<path>.stage-interrupted`) that hold what somebody wrote to the run's files after it was killed. */
  readonly saved: readonly string[];
}

/** @throws UsageError if its journal is damaged */
export function interruptedRun(directory: string): InterruptedRun | undefined {
  const journal = readJournal(new Disk(directory), JOURNAL);
  if (journal === undefined) return undefined;
  const { command, summary, writes } = journal;
  return { command, summary, files: writes.map(({ path }) => path) };
}

/** @param command what mends it @throws UsageError if a run was interrupted */
export function refuseInterrupted(directory: string, command: 'grow' | 'regenerate'): void {
  const interrupted = interruptedRun(directory);
  if (!interrupted) return;
  throw new UsageError(
    `an earlier ${interrupted.command} was interrupted`,
    `${command} --continue completes it, ${command} --abort takes it back`,
  );
}

/**
 * Completes the interrupted run. The caller holds the lock; killed, it can be called again.
 * @returns undefined if there is none
 * @throws UsageError naming a link or a file where a folder has to be; Failure if something cannot be written. Either can be mended, and this called again
 */
export function continueRun(directory: string, hooks?: Hooks): Promise<Recovery | undefined> {
  return recover(directory, 'after', hooks);
}

/** Takes the interrupted run back, as `continueRun` completes it. */
export function abortRun(directory: string, hooks?: Hooks): Promise<Recovery | undefined> {
  return recover(directory, 'before', hooks);
}

async function recover(directory: string, side: Side, hooks?: Hooks): Promise<Recovery | undefined> {
  const disk = new Disk(directory, hooks);
  const run = interruptedRun(directory);
  const journal = readJournal(disk, JOURNAL);
  if (run && journal) return { run, saved: await finish(disk, journal, side) };
  tidy(disk);
  return undefined;
}
