/** The one hand that changes files of a project that exists: step by step, never through a link, never outside. */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  fsync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, UsageError } from '../../errors.ts';

export interface Hooks {
  /** Called before and after every single change of the file system; what it throws takes the place of the change. */
  checkpoint?(name: string): void;
}

/** Thrown by a test's checkpoint: the process has died here, so nothing may clean up after it. */
export class Killed extends Error {}

/** What lies at a path, and its permission bits. Something else than a file (a link, a folder) has no content. */
export interface DiskEntry {
  readonly content: Buffer | undefined;
  readonly mode: number;
}

const flushed = promisify(fsync);
/** Windows keeps no permission bits. */
const MODES_MATTER = process.platform !== 'win32';

export function sameMode(a: number, b: number): boolean {
  return !MODES_MATTER || ((a ^ b) & 0o777) === 0;
}

export function sameBytes(a: DiskEntry | undefined, b: DiskEntry | undefined): boolean {
  return a?.content !== undefined && b?.content?.equals(a.content) === true;
}

/** Whether both are the same file, or both are nothing. */
export function sameFile(a: DiskEntry | undefined, b: DiskEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameMode(a.mode, b.mode) && sameBytes(a, b);
}

/** The folders around a path, outermost first, without the project's own. */
export function foldersAround(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Paths are relative to the project, with `/` between their parts. */
export class Disk {
  readonly #directory: string;
  readonly #hooks: Hooks;

  constructor(directory: string, hooks: Hooks = {}) {
    this.#directory = directory;
    this.#hooks = hooks;
  }

  /** @throws UsageError if the path leaves the project, or if what should be a folder around it is a link or a file */
  at(path: string): string {
    const parts = path.split('/');
    const foreign = parts.some(part => ['', '.', '..', '.git'].includes(part.toLowerCase()));
    // On Windows a backslash parts folders and a colon names a drive; elsewhere both are ordinary letters.
    if (foreign || path.includes('\0') || (process.platform === 'win32' && /[\\:]/.test(path))) {
      throw new UsageError(`${JSON.stringify(path)} is no path inside the project`);
    }
    for (const folder of foldersAround(path)) {
      const entry = this.#entry(folder);
      if (entry === undefined) break;
      if (!entry.isDirectory()) {
        const kind = entry.isSymbolicLink() ? 'a symbolic link' : 'not a folder';
        throw new UsageError(
          `cannot write to ${JSON.stringify(path)}: ${JSON.stringify(folder)} is ${kind}`,
          `put an ordinary folder in its place, then run it again`,
        );
      }
    }
    return join(this.#directory, path);
  }

  look(path: string): DiskEntry | undefined {
    const absolute = this.at(path);
    const entry = this.#entry(path);
    if (entry === undefined) return undefined;
    return { content: entry.isFile() ? readFileSync(absolute) : undefined, mode: entry.mode & 0o7777 };
  }

  has(path: string): boolean {
    return this.#entry(path) !== undefined;
  }

  folderMode(path: string): number | undefined {
    const entry = this.#entry(path);
    return entry === undefined ? undefined : entry.mode & 0o7777;
  }

  #entry(path: string) {
    return lstatSync(join(this.#directory, path), { throwIfNoEntry: false });
  }

  #step(name: string, act: () => void): void {
    this.#hooks.checkpoint?.(`before ${name}`);
    act();
    this.#hooks.checkpoint?.(`after ${name}`);
  }

  /**
   * Writes a file of the transaction's own folder, for its owner only; keeps what a killed run wrote whole.
   * @param flush down to the disk
   */
  async write(path: string, content: Buffer, flush: boolean): Promise<void> {
    this.#hooks.checkpoint?.(`before write ${path}`);
    const absolute = join(this.#directory, path);
    const whole = this.has(path) && readFileSync(absolute).equals(content);
    if (!whole) rmSync(absolute, { force: true });
    const handle = openSync(absolute, whole ? 'r' : 'wx', 0o600);
    try {
      if (!whole) writeFileSync(handle, content);
      if (flush) await flushed(handle);
    } finally {
      closeSync(handle);
    }
    this.#hooks.checkpoint?.(`after write ${path}`);
  }

  rename(from: string, to: string): void {
    this.#step(`rename to ${to}`, () => renameSync(this.at(from), this.at(to)));
  }

  /**
   * Puts a file that lies ready into its place, whole at once, with its mode.
   * @param temporary where to copy it first, if the place is on another file system
   */
  place(ready: string, path: string, mode: number, temporary: string): void {
    const from = join(this.#directory, ready);
    this.#step(`mode of ${path}`, () => chmodSync(from, mode));
    try {
      this.#step(`rename to ${path}`, () => renameSync(from, this.at(path)));
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error;
      this.#step(`copy ${temporary}`, () => {
        copyFileSync(from, this.at(temporary));
        chmodSync(this.at(temporary), mode);
        this.sync(temporary);
      });
      this.rename(temporary, path);
      this.sync(posix.dirname(path));
    }
  }

  remove(path: string): void {
    if (this.has(path)) this.#step(`remove ${path}`, () => unlinkSync(this.at(path)));
  }

  removeTree(path: string): void {
    if (this.has(path)) this.#step(`remove ${path}`, () => rmSync(this.at(path), { recursive: true }));
  }

  /** @param mode in full: the umask takes nothing away */
  makeFolder(path: string, mode: number): void {
    if (!this.has(path)) this.#step(`make ${path}`, () => mkdirSync(this.at(path), { mode }));
    if (!sameMode(this.folderMode(path) ?? mode, mode)) {
      this.#step(`mode of ${path}`, () => chmodSync(this.at(path), mode));
    }
  }

  removeEmptyFolder(path: string): void {
    if (!this.has(path)) return;
    try {
      this.#step(`remove ${path}`, () => rmdirSync(this.at(path)));
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
    }
  }

  /** Down to the disk, where the system lets a file or folder be told so. */
  sync(path: string): void {
    try {
      const handle = openSync(join(this.#directory, path), 'r');
      try {
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    } catch {
      // Windows refuses it for folders. It guards against power cuts only.
    }
  }

  /** The path, as a person knows it, that the file system's error is about. */
  placeOf(error: unknown): string {
    const { dest, path } = error as NodeJS.ErrnoException & { readonly dest?: string };
    return (
      relative(this.#directory, dest ?? path ?? this.#directory)
        .split(sep)
        .join('/') || '.'
    );
  }

  /** The names beside `path` that are taken: `path.suffix`, `path.suffix-2` and so on. */
  takenBeside(path: string, suffix: string): string[] {
    const taken: string[] = [];
    while (this.has(nameBeside(path, suffix, taken.length))) {
      taken.push(nameBeside(path, suffix, taken.length));
    }
    return taken;
  }

  freeBeside(path: string, suffix: string): string {
    return nameBeside(path, suffix, this.takenBeside(path, suffix).length);
  }
}

function nameBeside(path: string, suffix: string, taken: number): string {
  return `${path}.${suffix}${taken === 0 ? '' : `-${taken + 1}`}`;
}
