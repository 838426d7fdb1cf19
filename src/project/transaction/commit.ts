/** Changes a project: all of it, or nothing. */
import { carryOut, requireNoInterruption } from './carry-out.ts';
import { Disk, type Hooks } from './disk.ts';
import { journalOf, type ProjectChange } from './journal.ts';

/**
 * Carries a change out and keeps what it takes to undo it. The caller holds the project's lock. A process that is killed leaves
 * either nothing, or an interrupted run. Nothing to change: nothing is written.
 * @throws UsageError naming the path that is not as expected or cannot be written; nothing is changed
 * @throws Failure if it could neither be done nor taken back
 */
export async function commit(directory: string, change: ProjectChange, hooks?: Hooks): Promise<void> {
  const disk = new Disk(directory, hooks);
  requireNoInterruption(disk);
  const journal = journalOf(disk, change);
  if (journal.writes.length > 0) await carryOut(disk, journal);
}
