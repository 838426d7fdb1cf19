/** Where this machine keeps PostgreSQL, HAProxy and nginx. */
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { outputOf } from './run.ts';

const WINDOWS = process.platform === 'win32';

/** Folders that hold servers without being on an ordinary user's PATH. */
const SYSTEM_FOLDERS = WINDOWS
  ? []
  : ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/usr/local/bin'];

/** The full path of a program on PATH or in the usual system folders. */
export function findExecutable(name: string, path = process.env.PATH ?? ''): string | undefined {
  const file = WINDOWS ? `${name}.exe` : name;
  const folders = [...path.split(delimiter).filter(folder => folder !== ''), ...SYSTEM_FOLDERS];
  return folders.map(folder => join(folder, file)).find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Folders that may hold all of PostgreSQL's programs, best first: behind PATH (whose `postgres` may be a lone link into the
 * real folder), then where Debian, Fedora and Homebrew put them, newest major first.
 */
export function postgresFolders(path = process.env.PATH ?? ''): string[] {
  const onPath = path
    .split(delimiter)
    .filter(folder => folder !== '')
    .flatMap(realFolderOfPostgres);
  const versioned = [
    '/usr/lib/postgresql',
    '/usr/local/opt',
    '/opt/homebrew/opt',
    '/Library/PostgreSQL',
  ].flatMap(postgresUnder);
  const folders = [
    ...onPath,
    ...versioned,
    '/usr/pgsql/bin',
    '/Applications/Postgres.app/Contents/Versions/latest/bin',
  ];
  return [...new Set(folders)].filter(holdsPostgres);
}

function realFolderOfPostgres(folder: string): string[] {
  const found = join(folder, WINDOWS ? 'postgres.exe' : 'postgres');
  if (!isExecutable(found)) return [];
  return [folder, dirname(realpathSync(found))];
}

function postgresUnder(parent: string): string[] {
  try {
    const versions = readdirSync(parent).filter(
      name => /^(postgresql@?)?\d+(\.\d+)?$/.test(name) || name === 'postgresql',
    );
    const major = (name: string) => Number(/\d+(\.\d+)?$/.exec(name)?.[0] ?? 0);
    return versions.sort((a, b) => major(b) - major(a)).map(name => join(parent, name, 'bin'));
  } catch {
    return [];
  }
}

/** Whether a server can be created and run from this folder. */
export function holdsPostgres(folder: string): boolean {
  const suffix = WINDOWS ? '.exe' : '';
  return ['initdb', 'postgres'].every(name => isExecutable(join(folder, `${name}${suffix}`)));
}

/** The version that a program reports: `nginx -v` prints `nginx version: nginx/1.22.1`, on stderr. */
export async function versionOf(command: string, flag: '-v' | '-V'): Promise<string> {
  return /\d+(\.\d+)+/.exec(await outputOf(command, [flag]))?.[0] ?? '0.0.0';
}
