/** What a run changes, both ways: one file holds every byte before and after, so one rename makes a run real, or done. */
import { randomBytes } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { sha256 } from '../manifest.ts';
import { type Disk, type DiskEntry, foldersAround, sameBytes, sameFile, sameMode } from './disk.ts';

/** A file: the hash of its bytes (hexadecimal SHA-256) and its permission bits. */
export interface FileState {
  readonly sha256: string;
  readonly mode: number;
}

/** One file that a run changes. */
export interface FileWrite {
  /** Relative to the project, `/` between its parts. */
  readonly path: string;
  /** Undefined: the file is removed. */
  readonly content?: Buffer | undefined;
  /** Undefined: what the file has, or 0o644. The umask applies to new files. */
  readonly mode?: number | undefined;
  /** What is there now; undefined: nothing. */
  readonly expected: FileState | undefined;
  /** Nobody's but its owner's, and ignored by git: what was changed in it since is left as it is, and never kept beside it. */
  readonly personal?: true | undefined;
}

export interface ProjectChange {
  readonly command: 'grow' | 'regenerate' | 'undo';
  /** In the order in which they are carried out. */
  readonly writes: readonly FileWrite[];
  /** Files that the run does not change, but its aftermath may (a lockfile): `undo` brings them back. */
  readonly alsoKept: readonly string[];
  /** For whoever continues the run: anything that JSON holds. */
  readonly summary: Readonly<Record<string, unknown>>;
}

export type Side = 'before' | 'after';

export interface Content extends DiskEntry {
  readonly content: Buffer;
}

/** A file on both sides of a run; undefined: it is not there. */
export interface JournalWrite {
  readonly path: string;
  readonly before: Content | undefined;
  readonly after: Content | undefined;
  readonly personal?: true | undefined;
}

/** A folder's mode on both sides of a run; undefined: it goes, if nothing is in it. */
export interface JournalFolder {
  readonly path: string;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

export interface Journal {
  readonly id: string;
  readonly command: ProjectChange['command'];
  readonly summary: ProjectChange['summary'];
  readonly writes: readonly JournalWrite[];
  readonly kept: readonly JournalWrite[];
  readonly folders: readonly JournalFolder[];
}

const JOURNAL_VERSION = 1;
export const TRANSACTION = '.stage/tx';
export const JOURNAL = `${TRANSACTION}/journal.json`;
export const UNDO = '.stage/undo';
export const UNDO_JOURNAL = `${UNDO}/journal.json`;

export function other(side: Side): Side {
  return side === 'after' ? 'before' : 'after';
}

/** @throws UsageError naming the file that is not as expected */
export function journalOf(disk: Disk, change: ProjectChange): Journal {
  const writes = change.writes
    .map(write => journalWrite(disk, write))
    .filter(write => !sameFile(write.before, write.after));
  const kept = change.alsoKept
    .map(path => ({ path, found: disk.look(path) }))
    .filter(({ found }) => found?.content !== undefined)
    .map(({ path, found }) => ({ path, before: asContent(path, found), after: undefined }));
  const { command, summary } = change;
  return { id: newId(), command, summary, writes, kept, folders: foldersOf(disk, writes) };
}

function journalWrite(disk: Disk, write: FileWrite): JournalWrite {
  const before = disk.look(write.path);
  if (!isExpected(before, write.expected)) throw changedMeanwhile(write.path);
  const { path, content, personal } = write;
  const mode = write.mode ?? before?.mode ?? 0o644;
  return {
    path,
    personal,
    before: asContent(path, before),
    after: content && { content, mode: before === undefined ? mode & ~process.umask() : mode },
  };
}

function isExpected(found: DiskEntry | undefined, state: FileState | undefined): boolean {
  if (found === undefined || state === undefined) return found === state;
  return (
    sameMode(found.mode, state.mode) && found.content !== undefined && sha256(found.content) === state.sha256
  );
}

/** Whether the bytes are the run's own, from before or after it: nothing is lost with them. */
export function isKnown({ before, after }: JournalWrite, found: DiskEntry): boolean {
  return sameBytes(found, before) || sameBytes(found, after);
}

/** @throws UsageError if it is something else than a file */
export function asContent(path: string, found: DiskEntry | undefined): Content | undefined {
  if (found === undefined) return undefined;
  const { content, mode } = found;
  if (content === undefined) throw changedMeanwhile(path);
  return { content, mode };
}

/** A folder that only loses files goes with the last of them. */
export function foldersOf(disk: Disk, writes: readonly JournalWrite[]): JournalFolder[] {
  const filled = new Set(writes.flatMap(({ path, after }) => (after ? foldersAround(path) : [])));
  return [...new Set(writes.flatMap(({ path }) => foldersAround(path)))].map(path => {
    const before = disk.folderMode(path);
    return { path, before, after: filled.has(path) ? (before ?? 0o777 & ~process.umask()) : undefined };
  });
}

export function newId(): string {
  return randomBytes(6).toString('hex');
}

export function changedMeanwhile(path: string): UsageError {
  return new UsageError(
    `${JSON.stringify(path)} changed while this was being prepared; nothing was changed`,
    'run it again',
  );
}

/** Whole or not at all, and on the disk before anything that it announces. */
export async function writeJournal(disk: Disk, journal: Journal): Promise<void> {
  const { writes, kept } = journal;
  const stored = {
    version: JOURNAL_VERSION,
    ...journal,
    writes: writes.map(store),
    kept: kept.map(store),
  };
  await disk.write(`${JOURNAL}.tmp`, Buffer.from(JSON.stringify(stored)), true);
  disk.rename(`${JOURNAL}.tmp`, JOURNAL);
  disk.sync(TRANSACTION);
}

interface Stored {
  readonly content: string;
  readonly mode: number;
}

interface StoredWrite {
  readonly path: string;
  readonly before?: Stored | undefined;
  readonly after?: Stored | undefined;
  readonly personal?: true | undefined;
}

interface StoredJournal extends Omit<Journal, 'writes' | 'kept'> {
  readonly version: number;
  readonly writes: readonly StoredWrite[];
  readonly kept: readonly StoredWrite[];
}

function store({ path, before, after, personal }: JournalWrite): StoredWrite {
  const text = (side: Content | undefined) =>
    side && { content: side.content.toString('base64'), mode: side.mode };
  return { path, personal, before: text(before), after: text(after) };
}

function restore({ path, before, after, personal }: StoredWrite): JournalWrite {
  const bytes = (side: Stored | undefined) =>
    side && { content: Buffer.from(side.content, 'base64'), mode: side.mode };
  return { path, personal, before: bytes(before), after: bytes(after) };
}

/**
 * @returns the journal at `path`; undefined if there is none
 * @throws UsageError if it was not written by this version, or has been tampered with
 */
export function readJournal(disk: Disk, path: string): Journal | undefined {
  const found = disk.look(path);
  if (found === undefined) return undefined;
  try {
    const json = JSON.parse(String(found.content)) as StoredJournal;
    if (json.version === JOURNAL_VERSION) {
      return { ...json, writes: json.writes.map(restore), kept: json.kept.map(restore) };
    }
  } catch {
    // Told below: it is renamed into place whole, so a damaged one was edited.
  }
  throw new UsageError(
    `${path} is damaged, or was written by another version`,
    'run the version that wrote it; or check your files against your repository, and remove it',
  );
}
