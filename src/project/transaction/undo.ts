/** Takes back the last run that was completed, as a run of its own. */
import { UsageError } from '../../errors.ts';
import { carryOut, requireNoInterruption } from './carry-out.ts';
import { Disk, type DiskEntry, type Hooks, sameFile } from './disk.ts';
import {
  asContent,
  foldersOf,
  isKnown,
  type Journal,
  type JournalWrite,
  newId,
  type ProjectChange,
  readJournal,
  UNDO_JOURNAL,
} from './journal.ts';

export interface Undone {
  readonly command: ProjectChange['command'];
  readonly summary: ProjectChange['summary'];
  /** The paths that changed. */
  readonly files: readonly string[];
  /** Files (`<path>.stage-undone`) that hold what somebody had written to the run's files since. */
  readonly saved: readonly string[];
  /** Personal files that somebody has changed since: they stay as they are. */
  readonly left: readonly string[];
}

interface WriteAndNow {
  readonly write: JournalWrite;
  readonly now: DiskEntry | undefined;
}

const SIDECAR = 'stage-undone';

/**
 * Restores bytes and modes, removes files and folders that the run added. The caller holds the lock. Afterwards there is nothing
 * to take back any more.
 * @param options.discard take back what was changed since as well, and keep it beside
 * @throws UsageError if there is no such run, or naming the files that were changed since; nothing is changed
 */
export async function undoLast(
  directory: string,
  options: { readonly discard?: boolean } = {},
  hooks?: Hooks,
): Promise<Undone> {
  const disk = new Disk(directory, hooks);
  requireNoInterruption(disk);
  const record = readJournal(disk, UNDO_JOURNAL);
  if (record === undefined) {
    throw new UsageError('there is nothing to take back', 'grow and regenerate can be taken back, once');
  }
  const all = record.writes.toReversed().map(write => ({ write, now: disk.look(write.path) }));
  const left = all.filter(each => each.write.personal && isEdited(each));
  const found = all.filter(each => !left.includes(each));
  const edited = found.filter(isEdited);
  refuse(edited, options.discard === true);
  const sidecars = edited.map(({ write, now }) => ({
    path: disk.freeBeside(write.path, SIDECAR),
    before: undefined,
    after: asContent(write.path, now),
  }));
  const { command, summary } = record;
  const saved = sidecars.map(({ path }) => path);
  const back = [...found, ...lockfiles(disk, record)]
    .map(({ write, now }) => ({
      path: write.path,
      personal: write.personal,
      before: asContent(write.path, now),
      after: write.before,
    }))
    .filter(({ before, after }) => !sameFile(before, after));
  const writes = [...sidecars, ...back];
  await carryOut(disk, {
    id: newId(),
    command: 'undo',
    summary: { command, summary, saved },
    writes,
    kept: [],
    folders: foldersBackwards(disk, record, writes),
  });
  return {
    command,
    summary,
    files: back.map(({ path }) => path),
    saved,
    left: left.map(({ write }) => write.path),
  };
}

/** A file that is gone, or is back already, holds nothing that could be lost. */
function isEdited({ write, now }: WriteAndNow): boolean {
  return now !== undefined && !isKnown(write, now);
}

function refuse(edited: readonly WriteAndNow[], discard: boolean): void {
  const other = edited.find(({ now }) => now?.content === undefined);
  if (other !== undefined) {
    throw new UsageError(
      `${JSON.stringify(other.write.path)} is no file any more`,
      'move it out of the way first',
    );
  }
  if (edited.length > 0 && !discard) {
    const verb = edited.length === 1 ? 'was' : 'were';
    throw new UsageError(
      `${edited.map(({ write }) => JSON.stringify(write.path)).join(', ')} ${verb} changed since`,
      `--allow-dirty takes it back all the same, and keeps your version beside it as <file>.${SIDECAR}`,
    );
  }
}

/** One that something else than a file has taken the place of is left alone. */
function lockfiles(disk: Disk, record: Journal): WriteAndNow[] {
  return record.kept
    .map(write => ({ write, now: disk.look(write.path) }))
    .filter(({ now }) => now === undefined || now.content !== undefined);
}

function foldersBackwards(disk: Disk, record: Journal, writes: readonly JournalWrite[]): Journal['folders'] {
  const before = new Map(record.folders.map(folder => [folder.path, folder.before]));
  return foldersOf(disk, writes).map(folder =>
    before.has(folder.path) ? { ...folder, after: before.get(folder.path) } : folder,
  );
}
