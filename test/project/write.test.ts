import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordFile } from '../../src/project/manifest.ts';
import { readTarget, type Target } from '../../src/project/target.ts';
import { collisions, writeProject } from '../../src/project/write.ts';
import { temporaryFolder } from '../support/tool.ts';

const folder = temporaryFolder();
const signal = new AbortController().signal;
const nothing = async () => undefined;
const files: RecordFile[] = [
  { path: 'a.txt', bytes: Buffer.from('a\n'), mode: 0o644 },
  { path: 'src/run.sh', bytes: Buffer.from('#!/bin/sh\n'), mode: 0o755 },
];

describe('writeProject', () => {
  it('writes bytes and modes, with what preparing adds, and nothing beside it', async () => {
    const target = await targetIn('plain', 'shop');
    const prepare = async (directory: string) => writeFileSync(join(directory, '.env'), 'PORT=1\n');
    await writeProject({ target, files, prepare, signal });
    expect(below(target.directory)).toEqual(['.env', 'a.txt', 'src', 'src/run.sh']);
    expect(statSync(join(target.directory, 'src/run.sh')).mode & 0o111).toBe(0o111);
    expect(statSync(target.directory).mode & 0o777).toBe(0o777 & ~process.umask());
    expect(readdirSync(join(folder, 'plain'))).toEqual(['shop']);
  });

  it('leaves nothing, not even the parents that it made, when preparing fails', async () => {
    const target = await targetIn('failing', 'deep/er/shop');
    const prepare = async () => {
      throw new Error('no secrets today');
    };
    await expect(writeProject({ target, files, prepare, signal })).rejects.toThrow('no secrets today');
    expect(readdirSync(join(folder, 'failing'))).toEqual([]);
  });

  it('leaves nothing when it is interrupted', async () => {
    const target = await targetIn('interrupted', 'shop');
    const interruption = new AbortController();
    const prepare = async () => interruption.abort(new Error('stop'));
    await expect(writeProject({ target, files, prepare, signal: interruption.signal })).rejects.toThrow(
      'stop',
    );
    expect(readdirSync(join(folder, 'interrupted'))).toEqual([]);
  });

  it('can be taken back whole, with everything that came later', async () => {
    const target = await targetIn('undone', 'deep/shop');
    const project = await writeProject({ target, files, prepare: nothing, signal });
    mkdirSync(join(target.directory, 'node_modules/x'), { recursive: true });
    await project.undo();
    expect(readdirSync(join(folder, 'undone'))).toEqual([]);
  });
});

describe('writing into a directory that exists', () => {
  it('keeps what is there, and takes back only its own', async () => {
    const target = await targetIn('kept', 'shop', {
      'src/mine.ts': 'mine',
      '.env': 'MINE=1',
      'node_modules/mine/x': '1',
    });
    const prepare = async (directory: string) => writeFileSync(join(directory, '.env'), 'PORT=1\n');
    const project = await writeProject({ target, files, prepare, signal });
    expect(readFileSync(join(target.directory, '.env'), 'utf8')).toBe('MINE=1');
    expect(existsSync(join(target.directory, 'src/run.sh'))).toBe(true);
    writeFileSync(join(target.directory, 'package-lock.json'), '{}');
    await project.undo();
    expect(below(target.directory)).toEqual([
      '.env',
      'node_modules',
      'node_modules/mine',
      'node_modules/mine/x',
      'src',
      'src/mine.ts',
    ]);
  });

  it('leaves what somebody else put into a folder that it made', async () => {
    const target = await targetIn('shared', 'shop', { 'notes.txt': 'mine' });
    const project = await writeProject({ target, files, prepare: nothing, signal });
    writeFileSync(join(target.directory, 'src/theirs.ts'), 'theirs');
    await project.undo();
    expect(below(target.directory)).toEqual(['notes.txt', 'src', 'src/theirs.ts']);
  });

  it('keeps a closed folder closed', async () => {
    const target = await targetIn('closed', 'shop', { 'notes.txt': 'mine' });
    const prepare = async (directory: string) => {
      mkdirSync(join(directory, 'secrets'), { mode: 0o700 });
      writeFileSync(join(directory, 'secrets/key'), 'x', { mode: 0o600 });
    };
    await writeProject({ target, files, prepare, signal });
    expect(statSync(join(target.directory, 'secrets')).mode & 0o777).toBe(0o700);
    expect(statSync(join(target.directory, 'secrets/key')).mode & 0o777).toBe(0o600);
  });
});

describe('collisions', () => {
  it('are files of other content, and whatever is no file at all', async () => {
    const target = await targetIn('collide', 'shop', { 'a.txt': 'a\n', 'src/run.sh/inner': '' });
    expect(await collisions(target.directory, files)).toEqual(['src/run.sh']);
    const flat = await targetIn('flat', 'shop', { src: 'a file' });
    expect(await collisions(flat.directory, files)).toEqual(['src/run.sh']);
  });
});

describe('readTarget', () => {
  it('takes paths below the current directory, and absolute ones anywhere', async () => {
    mkdirSync(join(folder, 'paths'), { recursive: true });
    const cwd = join(folder, 'paths');
    expect((await readTarget('a/../b', cwd, false)).directory).toBe(join(cwd, 'b'));
    expect((await readTarget(join(folder, 'elsewhere'), cwd, false)).name).toBe('elsewhere');
    await expect(readTarget('../elsewhere', cwd, false)).rejects.toThrow('outside');
  });

  it('asks less of a directory whose project gets its name elsewhere', async () => {
    await expect(readTarget('My Shop', folder, false)).rejects.toThrow('My Shop');
    expect((await readTarget('My Shop', folder, true)).name).toBe('My Shop');
    await expect(readTarget('node_modules', folder, true)).rejects.toThrow('node_modules');
  });

  it('tells an empty directory, and one with a repository, from a full one', async () => {
    expect(await targetIn('none', 'shop')).toMatchObject({ exists: false, empty: true });
    expect(await targetIn('repo', 'shop', { '.git/HEAD': '' })).toMatchObject({ exists: true, empty: true });
    expect(await targetIn('full', 'shop', { x: '' })).toMatchObject({ exists: true, empty: false });
  });
});

async function targetIn(parent: string, path: string, content: Record<string, string> = {}): Promise<Target> {
  mkdirSync(join(folder, parent), { recursive: true });
  for (const [name, text] of Object.entries(content)) {
    const file = join(folder, parent, path, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
  return readTarget(path, join(folder, parent), false);
}

function below(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}
