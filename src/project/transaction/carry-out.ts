/** Carries a journal out, in one direction or the other. Whatever it finds half done, it goes on from there. */
import { posix } from 'node:path';
import { codeOf, Failure, UsageError } from '../../errors.ts';
import { unusable } from '../target.ts';
import { type Disk, type DiskEntry, foldersAround, Killed, sameFile } from './disk.ts';
import {
  changedMeanwhile,
  isKnown,
  JOURNAL,
  type Journal,
  type JournalWrite,
  other,
  type Side,
  TRANSACTION,
  UNDO,
  UNDO_JOURNAL,
  writeJournal,
} from './journal.ts';

/** What a run is called on again with. */
export const MEND_HINT = 'run the same command with --continue, or with --abort';
const SIDECAR = 'stage-interrupted';
/** Files that are written to the disk at once: a file system gathers their flushes into one. */
const FILES_AT_ONCE = 16;
/** The record of the run before an undo, until the undo is done. */
const TAKEN_BACK = `${TRANSACTION}/taken-back.json`;

/** @throws UsageError if a killed run is still to be recovered */
export function requireNoInterruption(disk: Disk): void {
  if (disk.has(JOURNAL)) throw new UsageError('an earlier run was interrupted', MEND_HINT);
}

/**
 * A run from its first byte to its last. Everything that can fail for want of space is written first, beside the journal.
 * @throws UsageError if it could not be done: then nothing is changed
 * @throws Failure if it could neither be done nor taken back: then it is left as an interrupted run
 */
export async function carryOut(disk: Disk, journal: Journal): Promise<void> {
  const reached: JournalWrite[] = [];
  try {
    disk.removeTree(TRANSACTION);
    // These serve a failing run, which may find the disk full; a killed one has the journal.
    await layReady(disk, journal, 'before', journal.writes, false);
    await layReady(disk, journal, 'after', journal.writes, true);
    await writeJournal(disk, journal);
    for (const { path, before } of journal.writes) {
      if (!sameFile(disk.look(path), before)) throw changedMeanwhile(path);
    }
    move(disk, journal, 'after', journal.writes, reached);
    endRun(disk, journal, 'after');
  } catch (error) {
    if (error instanceof Killed) throw error;
    const lost = await takeBack(disk, journal, reached, error);
    throw refusal(disk, error, lost);
  }
  tidy(disk);
}

/**
 * Brings an interrupted run to one of its sides.
 * @returns the files that hold what somebody wrote to the run's files since
 */
export async function finish(disk: Disk, journal: Journal, side: Side): Promise<string[]> {
  try {
    for (const { path } of journal.writes) disk.at(path);
    const open = journal.writes.filter(write => !sameFile(disk.look(write.path), write[side]));
    await layReady(disk, journal, side, open, true);
    move(disk, journal, side, journal.writes);
    const saved = journal.writes.flatMap(({ path }) => disk.takenBeside(path, SIDECAR));
    endRun(disk, journal, side);
    tidy(disk);
    return saved;
  } catch (error) {
    if (error instanceof Killed || error instanceof UsageError) throw error;
    throw new Failure('interrupted', refusedBy(disk, error), {
      hint: `mend that, then ${MEND_HINT}`,
      cause: error,
    });
  }
}

/** Removes what a killed process left of a run that had not begun, or was done. */
export function tidy(disk: Disk): void {
  if (disk.has(JOURNAL)) return;
  try {
    disk.removeTree(TRANSACTION);
    disk.removeEmptyFolder(UNDO);
  } catch (error) {
    // The next run removes it.
    if (error instanceof Killed) throw error;
  }
}

async function layReady(
  disk: Disk,
  journal: Journal,
  side: Side,
  writes: readonly JournalWrite[],
  sync: boolean,
): Promise<void> {
  for (const folder of foldersAround(readyAt(side, 0))) if (!disk.has(folder)) disk.makeFolder(folder, 0o700);
  const queue = writes.values();
  let failed = false;
  const work = async () => {
    for (const write of queue) {
      const content = write[side]?.content;
      if (failed || content === undefined) continue;
      try {
        await disk.write(readyAt(side, journal.writes.indexOf(write)), content, sync);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All of them have to end before anything is cleaned up.
  const ended = await Promise.allSettled(Array.from({ length: FILES_AT_ONCE }, work));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}

function readyAt(side: Side, index: number): string {
  return `${TRANSACTION}/${side}/${index}`;
}

/** @param reached gathers what it came to; given, nobody else may have changed a file meanwhile */
function move(
  disk: Disk,
  journal: Journal,
  side: Side,
  writes: readonly JournalWrite[],
  reached?: JournalWrite[],
): void {
  const folders = new Set(writes.map(({ path }) => posix.dirname(path)));
  for (const folder of folders) disk.remove(posix.join(folder, temporaryName(journal)));
  for (const write of side === 'after' ? writes : writes.toReversed()) {
    const now = disk.look(write.path);
    if (reached && !sameFile(now, write[other(side)])) throw changedMeanwhile(write.path);
    reached?.push(write);
    if (!sameFile(now, write[side])) bring(disk, journal, side, write, now);
  }
  const goes = journal.folders.filter(folder => folder[side] === undefined).map(({ path }) => path);
  // A folder sorts before those inside it.
  for (const path of goes.sort().reverse()) disk.removeEmptyFolder(path);
}

function bring(
  disk: Disk,
  journal: Journal,
  side: Side,
  write: JournalWrite,
  now: DiskEntry | undefined,
): void {
  const { path } = write;
  const goal = write[side];
  const isChanged = now !== undefined && !isKnown(write, now);
  if (isChanged && write.personal) return;
  if (isChanged) disk.rename(path, disk.freeBeside(path, SIDECAR));
  if (goal === undefined) {
    disk.remove(path);
    return;
  }
  makeFolders(disk, journal, side, path);
  const ready = readyAt(side, journal.writes.indexOf(write));
  disk.place(ready, path, goal.mode, posix.join(posix.dirname(path), temporaryName(journal)));
}

function makeFolders(disk: Disk, journal: Journal, side: Side, path: string): void {
  for (const folder of foldersAround(path)) {
    const known = journal.folders.find(each => each.path === folder);
    // The mode of a folder that is there on both sides is none of the run's business.
    if (!disk.has(folder) || known?.[other(side)] === undefined) {
      disk.makeFolder(folder, known?.[side] ?? 0o777 & ~process.umask());
    }
  }
}

function temporaryName(journal: Journal): string {
  return `.stage-${journal.id}`;
}

/** One rename of the journal, or its removal, ends the run: from then on there is nothing to continue or to take back. */
function endRun(disk: Disk, journal: Journal, side: Side): void {
  const undoing = journal.command === 'undo';
  if (side === 'after' && !undoing) {
    if (!disk.has(UNDO)) disk.makeFolder(UNDO, 0o700);
    disk.rename(JOURNAL, UNDO_JOURNAL);
    disk.sync(UNDO);
    return;
  }
  const [from, to] = side === 'after' ? [UNDO_JOURNAL, TAKEN_BACK] : [TAKEN_BACK, UNDO_JOURNAL];
  if (undoing && disk.has(from)) disk.rename(from, to);
  disk.remove(JOURNAL);
  disk.sync(TRANSACTION);
}

/** @returns the files that hold what somebody wrote meanwhile */
async function takeBack(
  disk: Disk,
  journal: Journal,
  reached: JournalWrite[],
  error: unknown,
): Promise<string[]> {
  try {
    if (reached.length > 0) {
      await layReady(disk, journal, 'before', reached, true);
      move(disk, journal, 'before', reached);
    }
    endRun(disk, journal, 'before');
    tidy(disk);
    return reached.flatMap(({ path }) => disk.takenBeside(path, SIDECAR));
  } catch (second) {
    if (second instanceof Killed) throw second;
    throw new Failure('interrupted', refusedBy(disk, error), {
      hint: `some files are changed: mend that, then ${MEND_HINT}`,
      cause: second,
    });
  }
}

/** What the file system refused, as something that the person can mend. Any other error stays what it is. */
function refusal(disk: Disk, error: unknown, lost: readonly string[]): unknown {
  const aside = lost.length > 0 ? `; what was written meanwhile is in ${lost.join(', ')}` : '';
  if (error instanceof UsageError && aside) return new UsageError(error.message + aside, error.hint);
  if (codeOf(error) === '') return error;
  const message = `${refusedBy(disk, error)}; nothing was changed${aside}`;
  return new UsageError(message, 'mend that, then run it again');
}

function refusedBy(disk: Disk, error: unknown): string {
  return unusable(disk.placeOf(error), error).message;
}
