/** Where a project goes, and whether it may go there. */
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { codeOf, messageOf, UsageError } from '../errors.ts';
import { projectName } from '../journey/names.ts';

export interface Target {
  /** Absolute. */
  readonly directory: string;
  /** As the person typed it, for messages and commands. */
  readonly typed: string;
  /** The directory's own name: the project's name where none is given. */
  readonly name: string;
  readonly exists: boolean;
  /** Whether anything lies in it that a new project could get in the way of. */
  readonly empty: boolean;
}

/** What an otherwise empty directory may hold: a repository just made, and what file managers leave. */
const NO_CONTENT = new Set(['.git', '.DS_Store', 'Thumbs.db']);
const NEVER = new Set(['node_modules', 'favicon.ico', '.git', '.stage']);

/**
 * Reads a directory as typed.
 * @param named whether the project gets its name from elsewhere, so that the directory's need not do
 * @throws UsageError naming the path, when a project cannot or must not be written there; nothing has been touched
 */
export async function readTarget(typed: string, cwd: string, named: boolean): Promise<Target> {
  if (typed.trim() === '') throw new UsageError('the directory is empty', 'name one, such as my-shop');
  const directory = resolve(cwd, typed);
  refuseOutside(typed, directory, cwd);
  const name = basename(directory);
  refuseName(typed, directory, name, named);
  const exists = await isDirectory(typed, directory);
  await requireWritable(typed, directory);
  const content = exists ? await readdir(directory) : [];
  return { directory, typed, name, exists, empty: content.every(entry => NO_CONTENT.has(entry)) };
}

/** `../evil` leaves the directory that the person stands in, which nobody means; an absolute path says so on purpose. */
function refuseOutside(typed: string, directory: string, cwd: string): void {
  const way = relative(cwd, directory);
  if (!isAbsolute(typed) && (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))) {
    throw new UsageError(
      `the directory ${JSON.stringify(typed)} lies outside the current one`,
      'choose one below it, or give its absolute path',
    );
  }
}

function refuseName(typed: string, directory: string, name: string, named: boolean): void {
  if (name === '') {
    throw new UsageError(`${JSON.stringify(typed)} is the root of the file system`, 'choose a directory');
  }
  const forbidden = directory.split(sep).find(segment => NEVER.has(segment));
  if (forbidden !== undefined) {
    throw new UsageError(
      `the directory ${JSON.stringify(typed)} is, or lies in, ${forbidden}: that name belongs to other tools`,
      'choose another one, such as my-shop',
    );
  }
  if (!named) projectName(name, 'the directory name');
}

/** @returns whether it is there. @throws UsageError if it is something else than a directory, or lies below a file */
async function isDirectory(typed: string, directory: string): Promise<boolean> {
  try {
    if ((await stat(directory)).isDirectory()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    if (codeOf(error) !== 'ENOTDIR') throw unusable(typed, error);
  }
  throw new UsageError(
    `${JSON.stringify(typed)} is a file, or lies below one`,
    'choose a directory, or a name that is still free',
  );
}

async function requireWritable(typed: string, directory: string): Promise<void> {
  const nearest = await nearestExisting(directory);
  try {
    await access(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(typed, error);
  }
}

/** The directory itself, or the closest one above it that is there. */
async function nearestExisting(directory: string): Promise<string> {
  try {
    await stat(directory);
    return directory;
  } catch {
    const parent = dirname(directory);
    return parent === directory ? directory : nearestExisting(parent);
  }
}

/** Whatever the file system has against a path, as something that the person can mend. */
export function unusable(path: string, error: unknown): UsageError {
  const reasons: Record<string, string> = {
    EACCES: 'you have no permission to write there',
    EPERM: 'you have no permission to write there',
    EROFS: 'it is on a read-only file system',
    ENAMETOOLONG: 'the name is too long',
    ELOOP: 'its symbolic links run in a circle',
    ENOSPC: 'the disk is full',
  };
  const code = codeOf(error);
  const reason = reasons[code] ?? messageOf(error);
  return new UsageError(`cannot write to ${JSON.stringify(path)}: ${reason}`, 'choose another directory');
}
