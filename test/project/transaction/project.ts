/** A project to change, a change that does everything, and a way to die in the middle. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../../src/project/manifest.ts';
import { type Hooks, Killed } from '../../../src/project/transaction/disk.ts';
import type { FileWrite, ProjectChange } from '../../../src/project/transaction/journal.ts';

/** Path → content and mode. A path that ends with `/` is a folder. */
type Files = Readonly<Record<string, readonly [content: string, mode: number]>>;

const BEFORE: Files = {
  'empty/': ['', 0o755],
  'only/': ['', 0o700],
  'wide/': ['', 0o775],
  '.stage/base/aaaa': ['{}\n', 0o644],
  '.stage/manifest.json': ['stall\n', 0o644],
  'package.json': ['{"name":"shop"}\n', 0o600],
  'package-lock.json': ['{"lockfileVersion":3}\n', 0o644],
  'src/server.ts': ['listen();\n', 0o644],
  'src/old/deep/gone.ts': ['gone\n', 0o640],
  'docs/gone.md': ['gone\n', 0o644],
  'docs/mine.md': ['mine\n', 0o644],
  'only/gone.key': ['key\n', 0o600],
  'wide/er/gone.txt': ['', 0o664],
  'scripts/dev.sh': ['#!/bin/sh\n', 0o644],
  'with space/ümlaut [id].ts': ['old\n', 0o444],
  '-leading': ['-rf\n', 0o644],
  'mine.txt': ['mine\n', 0o644],
};

/** Content undefined: removed. Mode undefined: as it was, or 0o644. */
const AFTER: readonly (readonly [path: string, content?: string, mode?: number])[] = [
  ['.stage/base/bbbb', '{"x":1}\n'],
  ['package.json', '{"name":"shop","x":1}\n'],
  ['src/server.ts', 'listen(pool);\n'],
  ['src/db/deep/pool.ts', 'pool\n'],
  ['src/routes/[id]/a b\\c.ts', 'route\n'],
  ['empty/filled.ts', 'filled\n'],
  ['bin/run', '#!/bin/sh\n', 0o755],
  ['src/old/deep/gone.ts'],
  ['docs/gone.md'],
  ['only/gone.key'],
  ['wide/er/gone.txt'],
  ['scripts/dev.sh', '#!/bin/sh\n', 0o755],
  ['with space/ümlaut [id].ts', 'new\n'],
  ['--', 'dashes\n'],
  ['-leading'],
  ['.stage/manifest.json', 'database\n'],
  ['.stage/base/aaaa'],
];

export function makeProject(directory: string): string {
  for (const [path, [content, mode]] of Object.entries(BEFORE)) {
    const absolute = join(directory, path);
    mkdirSync(path.endsWith('/') ? absolute : dirname(absolute), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(absolute, content);
    chmodSync(absolute, mode);
  }
  return directory;
}

export function wholeChange(): ProjectChange {
  return changeOf(AFTER);
}

/** Takes what is expected from the project as it is made. */
export function changeOf(files: typeof AFTER): ProjectChange {
  const writes = files.map(([path, content, mode]): FileWrite => {
    const [was, wasMode] = BEFORE[path] ?? [];
    const expected =
      was === undefined || wasMode === undefined ? undefined : { sha256: sha256(was), mode: wasMode };
    return { path, content: content === undefined ? undefined : Buffer.from(content), mode, expected };
  });
  return {
    command: 'grow',
    writes,
    alsoKept: ['package-lock.json', 'yarn.lock'],
    summary: { to: 'database' },
  };
}

/** Every folder, file and link with its mode and bytes, but for the undo record and locks. */
export function treeOf(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/^\.stage\/(undo|lock)/.test(entry)) continue;
    const path = join(directory, entry);
    const { mode } = lstatSync(path);
    const what = lstatSync(path).isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : lstatSync(path).isFile()
        ? readFileSync(path, 'utf8')
        : 'folder';
    found[entry] = `${(mode & 0o7777).toString(8)} ${what}`;
  }
  return found;
}

/** Dies at the `at`-th checkpoint, from 0; counts them. */
export function dying(at: number): Hooks & { readonly passed: string[] } {
  const passed: string[] = [];
  return {
    passed,
    checkpoint(name) {
      // A dead process does not come to another one.
      if (passed.length > at) throw new Killed(name);
      passed.push(name);
      if (passed.length > at) throw new Killed(name);
    },
  };
}

export function dyingAt(checkpoint: string): Hooks {
  return {
    checkpoint(name) {
      if (name === checkpoint) throw new Killed(name);
    },
  };
}

/** @returns whether it was killed; any other error is thrown */
export async function survives(run: Promise<unknown>): Promise<boolean> {
  try {
    await run;
    return true;
  } catch (error) {
    if (error instanceof Killed) return false;
    throw error;
  }
}

/** The file system's error at the `at`-th change, and from then on if `lasting`. */
export function refusing(code: string, at: number, lasting = false): Hooks & { readonly refused: string[] } {
  const refused: string[] = [];
  let count = 0;
  return {
    refused,
    checkpoint(name) {
      if (!name.startsWith('before') || (lasting ? count++ < at : count++ !== at)) return;
      refused.push(name);
      throw Object.assign(new Error(`${code}: refused`), { code, syscall: 'open', path: '/nowhere' });
    },
  };
}
