import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRepository } from '../../src/project/git.ts';
import { temporaryFolder } from '../support/tool.ts';

const folder = temporaryFolder();
const signal = new AbortController().signal;
const MESSAGE = 'Start at the stall stage';

describe('startRepository', () => {
  beforeEach(() => {
    vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
    vi.stubEnv('GIT_CONFIG_GLOBAL', join(folder, 'gitconfig'));
    writeFileSync(join(folder, 'gitconfig'), '[user]\nname = A Person\nemail = person@example.org\n');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('makes a repository on main with one commit', async () => {
    const directory = project('fresh');
    expect(await startRepository(directory, MESSAGE, signal)).toEqual({ state: 'committed' });
    expect(git(directory, 'log', '--format=%s', 'main')).toBe(`${MESSAGE}\n`);
    expect(git(directory, 'status', '--porcelain')).toBe('');
  });

  it('commits nothing in the name of nobody', async () => {
    writeFileSync(join(folder, 'gitconfig'), '');
    const directory = project('nobody');
    expect(await startRepository(directory, MESSAGE, signal)).toMatchObject({
      state: 'initialised',
      warning: expect.any(String),
    });
    expect(existsSync(join(directory, '.git'))).toBe(true);
  });

  it('warns when the commit fails, and goes on', async () => {
    writeFileSync(
      join(folder, 'gitconfig'),
      '[user]\nname = A\nemail = a@b.c\n[commit]\ngpgsign = true\n[gpg]\nprogram = false\n',
    );
    expect(await startRepository(project('unsigned'), MESSAGE, signal)).toMatchObject({
      state: 'initialised',
      warning: expect.any(String),
    });
  });

  it.each(['.git/HEAD', '.git'])('makes none inside another one (%s)', async marker => {
    const outer = join(folder, `outer-${marker.length}`);
    mkdirSync(join(outer, marker, '..'), { recursive: true });
    writeFileSync(join(outer, marker), 'gitdir: elsewhere');
    const directory = join(outer, 'packages/shop');
    mkdirSync(directory, { recursive: true });
    expect(await startRepository(directory, MESSAGE, signal)).toEqual({ state: 'inside-repository' });
    expect(existsSync(join(directory, '.git'))).toBe(false);
  });

  it('does without git', async () => {
    vi.stubEnv('PATH', folder);
    expect(await startRepository(project('no-git'), MESSAGE, signal)).toMatchObject({ state: 'unavailable' });
  });
});

function project(name: string): string {
  const directory = join(folder, name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'README.md'), '# shop\n');
  return directory;
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8' });
}
