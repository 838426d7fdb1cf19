/** Reads files of the project. Never follows a symbolic link. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../errors.ts';
import { sha256 } from '../manifest.ts';

export type OwnedFile =
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly sha256: string; readonly mode: number }
  | { readonly kind: 'nothing' }
  /** `what` says it for a person: `a folder`. Without a folder of the project's around it, nothing can lie beside it. */
  | { readonly kind: 'blocked'; readonly what: string; readonly hasFolder: boolean };

/** Looks at a path without following symbolic links. @param path relative to the project, with `/` */
export async function readOwned(directory: string, path: string): Promise<OwnedFile> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const parent = parts.slice(0, depth).join('/');
    const entry = await entryAt(join(directory, parent));
    if (!entry) return { kind: 'nothing' };
    if (entry.isSymbolicLink()) return blocked(`behind the symbolic link ${parent}`, false);
    if (!entry.isDirectory()) return blocked(`below ${parent}, which is a file`, false);
  }
  const entry = await entryAt(join(directory, path));
  if (!entry) return { kind: 'nothing' };
  if (entry.isSymbolicLink()) return blocked('a symbolic link');
  if (!entry.isFile()) return blocked(entry.isDirectory() ? 'a folder' : 'no ordinary file');
  const bytes = await readFile(join(directory, path));
  return { kind: 'file', bytes, sha256: sha256(bytes), mode: entry.mode & 0o777 };
}

function blocked(what: string, hasFolder = true): OwnedFile {
  return { kind: 'blocked', what, hasFolder };
}

async function entryAt(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** What is never looked into: other tools' folders, what is built, and secrets. */
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'secrets', '.git', '.stage', '.env']);
/** A project of this size that has more files keeps something else in its folder. */
const MOST_FILES = 20_000;

/** The paths of all files of the project, sorted; links are not followed. */
export async function listFiles(directory: string, folder = ''): Promise<string[]> {
  const found: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined && found.length < MOST_FILES; at = open.pop()) {
    for (const entry of await entriesOf(join(directory, at))) {
      if (SKIPPED.has(entry.name)) continue;
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) found.push(path);
    }
  }
  return found.sort();
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error))) return [];
    throw error;
  }
}
