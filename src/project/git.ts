/** Starts a repository for a new project, where there is none around it. */
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProcess } from '../run-process.ts';

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

async function runGit(cwd: string, signal: AbortSignal, args: readonly string[]): Promise<boolean> {
  try {
    return (await runProcess({ command: 'git', args, cwd, env: FOREIGN_REPOSITORY, signal })).exitCode === 0;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
