/** Puts a project on disk: all of it or none of it. */
import { rmSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../errors.ts';
import type { RecordFile } from './manifest.ts';
import { type Target, unusable } from './target.ts';

export interface WriteRequest {
  readonly target: Target;
  readonly files: readonly RecordFile[];
  /** Makes what is not generated (secrets, .env), in the folder that it is given. */
  readonly prepare: (directory: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A project that this run wrote, and can take back. */
export interface WrittenProject {
  /** Removes what this run made, and nothing that was there before. */
  undo(): Promise<void>;
}

/** What installing and `git init` add to a project, beside its files. */
const BY_PRODUCTS = [
  'node_modules',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  '.yarn',
  '.pnp.cjs',
  '.pnp.loader.mjs',
  'bun.lock',
  'bun.lockb',
  '.git',
];

/**
 * Writes into a temporary folder beside the target and renames it into place. A target that exists keeps its own folder, and its
 * files: the new ones are moved in one by one, from a temporary folder inside it, since it may be a file system of its own.
 * Callers have refused collisions before (`collisions`); files of the same content are left as they are.
 * @throws UsageError if the file system refuses; the signal's reason if interrupted. Either way nothing is left.
 */
export async function writeProject(request: WriteRequest): Promise<WrittenProject> {
  const { target, signal } = request;
  const beside = target.exists ? target.directory : dirname(target.directory);
  const firstMade = await makeDirectory(target, beside);
  const temporary = await makeTemporary(target, beside, firstMade);
  const removeAtExit = () => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    await writeFiles(temporary, request.files, signal);
    await request.prepare(temporary);
    signal.throwIfAborted();
    return target.exists ? await moveInto(target, temporary) : await moveWhole(target, temporary, firstMade);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    await removeEmptyUpTo(firstMade, beside);
    throw isSystemError(error) ? unusable(target.typed, error) : error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  }
}

/** The files that are in the way: there already, with other content (or as something else than a file). */
export async function collisions(directory: string, files: readonly RecordFile[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    if ((await compare(join(directory, file.path), file.bytes)) === 'different') found.push(file.path);
  }
  return found;
}

async function compare(path: string, bytes: Uint8Array): Promise<'absent' | 'same' | 'different'> {
  try {
    const entry = await lstat(path);
    return entry.isFile() && Buffer.from(bytes).equals(await readFile(path)) ? 'same' : 'different';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent';
    // A file where a folder is needed.
    if (codeOf(error) === 'ENOTDIR') return 'different';
    throw error;
  }
}

/** @returns the uppermost folder that had to be made, if any */
async function makeDirectory(target: Target, directory: string): Promise<string | undefined> {
  try {
    return await mkdir(directory, { recursive: true });
  } catch (error) {
    throw unusable(target.typed, error);
  }
}

async function makeTemporary(target: Target, beside: string, firstMade: string | undefined): Promise<string> {
  try {
    const temporary = await mkdtemp(join(beside, `.${basename(target.directory)}-`));
    // mkdtemp's folder is for its owner only; a project's is an ordinary one.
    await chmod(temporary, 0o777 & ~process.umask());
    return temporary;
  } catch (error) {
    await removeEmptyUpTo(firstMade, beside);
    throw unusable(target.typed, error);
  }
}

async function writeFiles(root: string, files: readonly RecordFile[], signal: AbortSignal): Promise<void> {
  const folders = new Set(files.map(file => dirname(join(root, file.path))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  for (const file of files) {
    signal.throwIfAborted();
    const path = join(root, file.path);
    await writeFile(path, file.bytes, { flag: 'wx' });
    if (file.mode === 0o755) await chmod(path, file.mode & ~process.umask());
  }
}

async function moveWhole(
  target: Target,
  temporary: string,
  firstMade: string | undefined,
): Promise<WrittenProject> {
  await rename(temporary, target.directory);
  return {
    undo: async () => {
      await rm(target.directory, { recursive: true, force: true, maxRetries: 3 });
      await removeEmptyUpTo(firstMade, dirname(target.directory));
    },
  };
}

async function moveInto(target: Target, temporary: string): Promise<WrittenProject> {
  const before = new Set(await readdir(target.directory));
  const made: string[] = [];
  const undo = async () => {
    for (const path of made.toReversed()) await removeMade(path);
    for (const name of BY_PRODUCTS.filter(each => !before.has(each))) {
      await rm(join(target.directory, name), { recursive: true, force: true, maxRetries: 3 });
    }
  };
  try {
    await moveEntries(temporary, target.directory, made);
  } catch (error) {
    await undo();
    throw error;
  }
  return { undo };
}

/** Moves what is not there yet, folder by folder, and notes each folder and file that it makes. */
async function moveEntries(from: string, to: string, made: string[]): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const destination = join(to, entry.name);
    if (entry.isDirectory()) {
      if (await makeFolder(destination)) {
        made.push(destination);
        // A folder for secrets stays closed.
        await chmod(destination, (await lstat(join(from, entry.name))).mode & 0o777);
      }
      await moveEntries(join(from, entry.name), destination, made);
    } else if (!(await isThere(destination))) {
      await rename(join(from, entry.name), destination);
      made.push(destination);
    }
  }
}

async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await lstat(path)).isDirectory()) return false;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** A folder that somebody has put something into meanwhile is no longer ours alone. */
async function removeMade(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isDirectory()) await rmdir(path);
    else await rm(path, { force: true });
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
  }
}

/** Removes the folders from `path` up to `top`, as long as they are empty. */
async function removeEmptyUpTo(top: string | undefined, path: string): Promise<void> {
  if (top === undefined || path.length < top.length) return;
  try {
    await rmdir(path);
  } catch {
    return;
  }
  await removeEmptyUpTo(top, dirname(path));
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}
