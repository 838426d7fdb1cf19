/** Where this machine keeps PostgreSQL's programs. */
import { readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileOf, isExecutable } from '../../processes/executables.ts';

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
  const found = join(folder, fileOf('postgres'));
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
  return ['initdb', 'postgres'].every(name => isExecutable(join(folder, fileOf(name))));
}
