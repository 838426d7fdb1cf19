/** The repository around a project: started where there is none, and otherwise only read. */
import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProcess } from '../processes/run.ts';

export interface GitOutcome {
  readonly state: 'committed' | 'initialised' | 'inside-repository' | 'unavailable';
  /** What a person should know, if anything. */
  readonly warning?: string;
}

/** Inside a hook, git points every git at the repository that the hook runs for. */
const FOREIGN_REPOSITORY = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
};

/** `git init` and a first commit, if the person is known to git. Whatever git has against it is a warning, never an error. */
export async function startRepository(
  directory: string,
  message: string,
  signal: AbortSignal,
): Promise<GitOutcome> {
  if (await isInsideRepository(directory)) return { state: 'inside-repository' };
  const git = (...args: string[]) => runGit(directory, signal, args);
  if (!(await git('init', '--quiet', '--initial-branch=main'))) {
    return { state: 'unavailable', warning: 'git init did not work; the project is not in a repository' };
  }
  if (!(await git('config', 'user.name')) || !(await git('config', 'user.email'))) {
    return { state: 'initialised', warning: 'git does not know your name yet, so nothing is committed' };
  }
  const committed = (await git('add', '--all')) && (await git('commit', '--quiet', '--message', message));
  return committed
    ? { state: 'committed' }
    : { state: 'initialised', warning: 'the first commit did not work; the files are there, uncommitted' };
}

/** Whether `directory` or one above it holds a repository (a folder, or the file of a worktree or submodule). */
export async function isInsideRepository(directory: string): Promise<boolean> {
  try {
    await lstat(join(directory, '.git'));
    return true;
  } catch {
    const parent = dirname(directory);
    return parent === directory ? false : isInsideRepository(parent);
  }
}

/**
 * Which of these paths have changes that are not committed (also: files that git does not know), as far as git is there to tell.
 * @param paths relative to the project
 */
export async function uncommitted(directory: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const prefix = await readGit(directory, ['rev-parse', '--show-prefix']);
  if (prefix === undefined) return [];
  const output = await readGit(directory, [
    ...['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignored=no', '--'],
    '.',
  ]);
  // The paths of this form are relative to the repository's root, whatever the current folder is.
  const root = prefix.toString('utf8').replace(/\n$/, '');
  const changed = new Set(
    (output?.toString('utf8') ?? '').split('\0').map(entry => entry.slice('XY '.length + root.length)),
  );
  return paths.filter(path => changed.has(path));
}

/** A file that git's history holds, as it was when it was last there. */
export async function readFromHistory(directory: string, path: string): Promise<Buffer | undefined> {
  const log = await readGit(directory, ['log', '-1', '--format=%H', '--diff-filter=AM', '--', path]);
  const commit = log?.toString('utf8').trim();
  return commit ? readGit(directory, ['show', `${commit}:./${path}`]) : undefined;
}

/** Whether git keeps a path of the project, or anything below it. */
export async function isTracked(directory: string, path: string): Promise<boolean> {
  return ((await readGit(directory, ['ls-files', '-z', '--', path]))?.length ?? 0) > 0;
}

/** Whether .gitignore and its like leave out a folder of the project as a whole. */
export async function isIgnored(directory: string, folder: string): Promise<boolean> {
  const listing = [
    'ls-files',
    '-z',
    '--others',
    '--ignored',
    '--exclude-standard',
    '--directory',
    '--',
    folder,
  ];
  const listed = (await readGit(directory, listing))?.toString('utf8').split('\0') ?? [];
  return listed.includes(`${folder}/`);
}

/** Git's answer, or nothing where there is no git, no repository, or no such thing. Takes no lock and runs none of the user's programs. */
function readGit(directory: string, args: readonly string[]): Promise<Buffer | undefined> {
  const options = {
    cwd: directory,
    env: { ...process.env, ...FOREIGN_REPOSITORY, GIT_OPTIONAL_LOCKS: '0' },
    encoding: 'buffer',
    maxBuffer: LARGEST_ANSWER,
  } as const;
  const command = ['--literal-pathspecs', '-c', 'core.fsmonitor=false', ...args];
  return new Promise(resolve => {
    execFile('git', command, options, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

/** Bytes: status of a large repository, or one generated file. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

async function runGit(cwd: string, signal: AbortSignal, args: readonly string[]): Promise<boolean> {
  try {
    return (await runProcess({ command: 'git', args, cwd, env: FOREIGN_REPOSITORY, signal })).exitCode === 0;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
