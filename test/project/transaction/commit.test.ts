import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure, UsageError } from '../../../src/errors.ts';
import { commit } from '../../../src/project/transaction/commit.ts';
import { Killed } from '../../../src/project/transaction/disk.ts';
import type { ProjectChange } from '../../../src/project/transaction/journal.ts';
import { abortRun, continueRun, interruptedRun } from '../../../src/project/transaction/recover.ts';
import { undoLast } from '../../../src/project/transaction/undo.ts';
import { temporaryFolder } from '../../support/tool.ts';
import { changeOf, dyingAt, makeProject, refusing, survives, treeOf, wholeChange } from './project.ts';

const folder = temporaryFolder();
let count = 0;
const fresh = () => makeProject(join(folder, `${count++}`));
const write = (directory: string, path: string, text: string) => writeFileSync(join(directory, path), text);
const read = (directory: string, path: string) => readFileSync(join(directory, path), 'utf8');

async function refused(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error instanceof Error ? error.message : '';
}

describe('commit', () => {
  it('writes, removes, sets modes, and leaves the undo record for its owner only', async () => {
    const directory = fresh();
    await commit(directory, wholeChange());
    expect(read(directory, 'src/db/deep/pool.ts')).toBe('pool\n');
    expect(read(directory, 'src/routes/[id]/a b\\c.ts')).toBe('route\n');
    expect(read(directory, '--')).toBe('dashes\n');
    expect(existsSync(join(directory, 'src/old'))).toBe(false);
    expect(readdirSync(join(directory, 'docs'))).toEqual(['mine.md']);
    const mode = (path: string) => statSync(join(directory, path)).mode & 0o777;
    expect(mode('package.json')).toBe(0o600);
    expect(mode('scripts/dev.sh')).toBe(0o755);
    expect(mode('bin/run')).toBe(0o755 & ~process.umask());
    expect(mode('with space/ümlaut [id].ts')).toBe(0o444);
    expect(readdirSync(join(directory, '.stage'))).toEqual(['base', 'manifest.json', 'undo']);
    expect([mode('.stage/undo'), mode('.stage/undo/journal.json')]).toEqual([0o700, 0o600]);
  });

  it('touches nothing where nothing changes', async () => {
    const directory = fresh();
    const { mtimeMs, ino } = statSync(join(directory, 'mine.txt'));
    await commit(directory, changeOf([['mine.txt', 'mine\n'], ['no-such-file']]));
    expect(statSync(join(directory, 'mine.txt'))).toMatchObject({ mtimeMs, ino });
    expect(existsSync(join(directory, '.stage/undo'))).toBe(false);
  });

  it.each([
    ['edited', (directory: string) => write(directory, 'src/server.ts', 'mine\n')],
    ['removed', (directory: string) => rmSync(join(directory, 'src/server.ts'))],
    ['of another mode', (directory: string) => chmodSync(join(directory, 'src/server.ts'), 0o700)],
    ['a link', (directory: string) => link(directory, 'mine.txt', 'src/server.ts')],
    ['there already', (directory: string) => write(directory, '--', 'mine\n')],
  ])('changes nothing if a file is %s meanwhile, before or while it is being prepared', async (_, edit) => {
    for (const moment of ['before', 'while']) {
      const directory = fresh();
      if (moment === 'before') edit(directory);
      const edited = () => {
        edit(directory);
        return treeOf(directory);
      };
      let expected = moment === 'before' ? treeOf(directory) : {};
      const checkpoint = (name: string) => {
        if (moment === 'while' && name === 'before write .stage/tx/journal.json.tmp') expected = edited();
      };
      const message = await refused(commit(directory, wholeChange(), { checkpoint }));
      expect(message).toMatch(/^"(src\/server\.ts|--)" changed .*nothing was changed$/);
      const tree = Object.entries(expected).filter(([path]) => !path.startsWith('.stage/tx'));
      expect(treeOf(directory)).toEqual(Object.fromEntries(tree));
    }
  });

  it('takes everything back, and loses no edit, if a file is edited between two writes', async () => {
    const directory = fresh();
    let edited = false;
    const checkpoint = (name: string) => {
      if (edited || name !== 'after rename to package.json') return;
      edited = true;
      write(directory, 'package.json', 'mine, just now\n');
      write(directory, 'src/server.ts', 'mine\n');
    };
    const message = await refused(commit(directory, wholeChange(), { checkpoint }));
    expect(message).toContain('"src/server.ts" changed');
    expect(message).toContain('package.json.stage-interrupted');
    expect(read(directory, 'package.json')).toBe('{"name":"shop"}\n');
    expect(read(directory, 'package.json.stage-interrupted')).toBe('mine, just now\n');
    expect(read(directory, 'src/server.ts')).toBe('mine\n');
  });

  it('takes everything back, whatever the file system refuses', async () => {
    for (let at = 0; ; at++) {
      const directory = fresh();
      const before = treeOf(directory);
      const hooks = refusing(['ENOSPC', 'EACCES', 'EROFS'][at % 3] ?? '', at);
      const outcome = await commit(directory, wholeChange(), hooks).then(
        () => 'done',
        (error: unknown) => error,
      );
      if (hooks.refused.length === 0) break;
      // The run is done by then; the next one clears away.
      if (/^before remove .stage\/(tx|undo)$/.test(hooks.refused[0] ?? '')) expect(outcome).toBe('done');
      else {
        expect(outcome, hooks.refused[0]).toBeInstanceOf(UsageError);
        expect(String(outcome)).toMatch(
          /cannot write to ".*": (the disk|you have|it is) .*; nothing was changed$/,
        );
        expect(treeOf(directory), hooks.refused[0]).toEqual(before);
      }
      rmSync(directory, { recursive: true });
    }
  });

  it('is an interrupted run if it cannot be taken back either', async () => {
    const directory = fresh();
    const before = treeOf(directory);
    const error = await commit(directory, wholeChange(), refusing('ENOSPC', 60, true)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'interrupted', hint: expect.stringContaining('--abort') });
    await expect(abortRun(directory, refusing('EACCES', 5, true))).rejects.toThrow(Failure);
    await abortRun(directory);
    expect(treeOf(directory)).toEqual(before);
  });

  it('passes on what is no error of the file system', async () => {
    const directory = fresh();
    const before = treeOf(directory);
    const checkpoint = (name: string) => {
      if (name === 'before rename to --') throw new TypeError('a mistake');
    };
    await expect(commit(directory, wholeChange(), { checkpoint })).rejects.toThrow(TypeError);
    expect(treeOf(directory)).toEqual(before);
  });

  it.each([
    ['a link where a folder is', 'src'],
    ['a link to a folder outside', 'bin'],
  ])('never writes through %s', async (_, name) => {
    const directory = fresh();
    const elsewhere = join(folder, `elsewhere-${count++}`);
    mkdirSync(elsewhere);
    rmSync(join(directory, name), { recursive: true, force: true });
    symlinkSync(elsewhere, join(directory, name));
    const before = treeOf(directory);
    expect(await refused(commit(directory, wholeChange()))).toContain(`"${name}" is a symbolic link`);
    expect(treeOf(directory)).toEqual(before);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('refuses a link that stands for .stage, and a file in the place of a folder', async () => {
    const directory = fresh();
    write(directory, 'bin', 'a file');
    expect(await refused(commit(directory, wholeChange()))).toContain('"bin" is not a folder');
    rmSync(join(directory, 'bin'));
    execFileSync('mv', [join(directory, '.stage'), join(directory, 'moved')]);
    symlinkSync('moved', join(directory, '.stage'));
    expect(await refused(commit(directory, wholeChange()))).toContain('".stage" is a symbolic link');
  });

  it.each([
    '../evil',
    '/etc/evil',
    'a/../../evil',
    'a//b',
    '.',
    '',
    '.git/hooks/evil',
    'a/.GIT/config',
    'a\0b',
  ])('refuses the path %j', async path => {
    const message = await refused(commit(fresh(), changeOf([[path, 'evil']])));
    expect(message).toContain('is no path inside the project');
  });

  it('copies where a rename cannot reach another file system', async () => {
    const directory = fresh();
    const checkpoint = (name: string) => {
      if (/^before rename to (src|--|bin)/.test(name) && !copied.has(name)) {
        copied.add(name);
        throw Object.assign(new Error('EXDEV'), { code: 'EXDEV', syscall: 'rename' });
      }
    };
    const copied = new Set<string>();
    await commit(directory, wholeChange(), { checkpoint });
    expect(copied.size).toBe(5);
    const plain = fresh();
    await commit(plain, wholeChange());
    expect(treeOf(directory)).toEqual(treeOf(plain));
  });

  it('clears a killed copy away', async () => {
    for (const recover of [continueRun, abortRun]) {
      const directory = fresh();
      const before = treeOf(directory);
      const checkpoint = (name: string) => {
        if (name === 'before rename to src/server.ts') {
          throw Object.assign(new Error('EXDEV'), { code: 'EXDEV', syscall: 'rename' });
        }
        if (name.startsWith('after copy src/.stage-')) throw new Killed(name);
      };
      expect(await survives(commit(directory, wholeChange(), { checkpoint }))).toBe(false);
      expect(readdirSync(join(directory, 'src')).filter(name => name.startsWith('.stage-'))).toHaveLength(1);
      await recover(directory);
      const plain = fresh();
      if (recover === continueRun) await commit(plain, wholeChange());
      expect(treeOf(directory)).toEqual(recover === continueRun ? treeOf(plain) : before);
    }
  });
});

describe('a project edited after a killed run', () => {
  async function killed(): Promise<string> {
    const directory = fresh();
    await survives(commit(directory, wholeChange(), dyingAt('after rename to src/db/deep/pool.ts')));
    return directory;
  }

  it.each([
    ['completed', continueRun],
    ['taken back', abortRun],
  ])('keeps the edits beside when it is %s', async (_, recover) => {
    const plain = fresh();
    if (recover === continueRun) await commit(plain, wholeChange());
    const expected = treeOf(plain);
    for (const again of [undefined, 'before', 'after']) {
      const directory = await killed();
      write(directory, 'package.json', 'mine 1\n');
      write(directory, 'package.json.stage-interrupted', 'from long ago\n');
      write(directory, 'docs/gone.md', 'mine 2\n');
      rmSync(join(directory, 'scripts/dev.sh'));
      link(directory, 'mine.txt', 'src/server.ts');
      const moved = `${again} rename to docs/gone.md.stage-interrupted`;
      if (again) expect(await survives(recover(directory, dyingAt(moved)))).toBe(false);
      const saved = [
        'package.json.stage-interrupted',
        'package.json.stage-interrupted-2',
        'src/server.ts.stage-interrupted',
        'docs/gone.md.stage-interrupted',
      ];
      expect(await recover(directory)).toMatchObject({ saved, run: { command: 'grow' } });
      expect(read(directory, 'package.json.stage-interrupted-2')).toBe('mine 1\n');
      expect(read(directory, 'package.json.stage-interrupted')).toBe('from long ago\n');
      expect(read(directory, 'docs/gone.md.stage-interrupted')).toBe('mine 2\n');
      for (const path of saved) rmSync(join(directory, path));
      expect(treeOf(directory)).toEqual(expected);
    }
  });

  it('is not recovered through a link, until that is gone', async () => {
    const directory = await killed();
    execFileSync('mv', [join(directory, 'src'), join(directory, 'moved')]);
    symlinkSync('moved', join(directory, 'src'));
    expect(await refused(continueRun(directory))).toContain('"src" is a symbolic link');
    expect(interruptedRun(directory)).toBeDefined();
    rmSync(join(directory, 'src'));
    execFileSync('mv', [join(directory, 'moved'), join(directory, 'src')]);
    expect(await continueRun(directory)).toMatchObject({ saved: [] });
  });

  it('is not recovered from a journal that somebody has damaged', async () => {
    const directory = await killed();
    write(directory, '.stage/tx/journal.json', '{"version":1}');
    expect(await refused(continueRun(directory))).toContain('is damaged');
  });
});

describe('undoLast', () => {
  async function grown(): Promise<{ directory: string; before: Record<string, string> }> {
    const directory = fresh();
    const before = treeOf(directory);
    await commit(directory, wholeChange());
    return { directory, before };
  }

  it('restores bytes, modes and folders, and the lockfile; once', async () => {
    const { directory, before } = await grown();
    write(directory, 'package-lock.json', 'installed\n');
    write(directory, 'yarn.lock', 'installed\n');
    const undone = await undoLast(directory);
    expect(undone).toMatchObject({ command: 'grow', summary: { to: 'database' }, saved: [] });
    expect(undone.files).toContain('package-lock.json');
    expect(read(directory, 'yarn.lock')).toBe('installed\n');
    rmSync(join(directory, 'yarn.lock'));
    expect(treeOf(directory)).toEqual(before);
    expect(existsSync(join(directory, '.stage/undo'))).toBe(false);
    expect(await refused(undoLast(directory))).toBe('there is nothing to take back');
  });

  it('takes back the last run only', async () => {
    const { directory } = await grown();
    const after = treeOf(directory);
    const second: ProjectChange = { ...changeOf([['second.txt', 'second\n']]), command: 'regenerate' };
    await commit(directory, second);
    expect(await undoLast(directory)).toMatchObject({ command: 'regenerate', files: ['second.txt'] });
    expect(treeOf(directory)).toEqual(after);
  });

  it('refuses files that were changed since, and changes nothing', async () => {
    const { directory } = await grown();
    write(directory, 'package.json', 'mine 1\n');
    write(directory, 'docs/gone.md', 'mine 2\n');
    const tree = treeOf(directory);
    const message = await refused(undoLast(directory));
    expect(message).toBe('"docs/gone.md", "package.json" were changed since');
    expect(treeOf(directory)).toEqual(tree);
  });

  it('keeps beside what it discards', async () => {
    const { directory, before } = await grown();
    write(directory, 'package.json', 'mine 1\n');
    write(directory, 'docs/gone.md', 'mine 2\n');
    write(directory, 'src/db/deep/pool.ts', 'mine 3\n');
    const saved = ['docs/gone.md', 'src/db/deep/pool.ts', 'package.json'].map(path => `${path}.stage-undone`);
    expect(await undoLast(directory, { discard: true })).toMatchObject({ saved });
    expect(saved.map(path => read(directory, path))).toEqual(['mine 2\n', 'mine 3\n', 'mine 1\n']);
    for (const path of saved) rmSync(join(directory, path));
    rmSync(join(directory, 'src/db'), { recursive: true });
    expect(treeOf(directory)).toEqual(before);
  });

  it('counts what is gone or back already as done', async () => {
    const { directory, before } = await grown();
    rmSync(join(directory, 'src/db'), { recursive: true });
    rmSync(join(directory, 'package.json'));
    write(directory, 'docs/gone.md', 'gone\n');
    await undoLast(directory);
    expect(treeOf(directory)).toEqual(before);
  });

  it('refuses what is no file any more, even to discard it', async () => {
    const { directory } = await grown();
    rmSync(join(directory, 'package.json'));
    mkdirSync(join(directory, 'package.json'));
    expect(await refused(undoLast(directory, { discard: true }))).toContain('"package.json" is no file');
  });

  it('leaves folders that have got other content', async () => {
    const { directory } = await grown();
    write(directory, 'src/db/mine.ts', 'mine\n');
    await undoLast(directory);
    expect(readdirSync(join(directory, 'src/db'))).toEqual(['mine.ts']);
  });
});

function link(directory: string, to: string, path: string): void {
  rmSync(join(directory, path));
  symlinkSync(join(directory, to), join(directory, path));
}
