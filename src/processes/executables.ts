/** Which programs this machine has, where, and in which version. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { outputOf } from './run.ts';

const WINDOWS = process.platform === 'win32';

/** Folders that hold servers without being on an ordinary user's PATH. */
const SYSTEM_FOLDERS = WINDOWS
  ? []
  : ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/usr/local/bin'];

/** The full path of a program on PATH or in the usual system folders. */
export function findExecutable(name: string, path = process.env.PATH ?? ''): string | undefined {
  const file = fileOf(name);
  const folders = [...path.split(delimiter).filter(folder => folder !== ''), ...SYSTEM_FOLDERS];
  return folders.map(folder => join(folder, file)).find(isExecutable);
}

/** The name of a program's file. */
export function fileOf(program: string): string {
  return WINDOWS ? `${program}.exe` : program;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The version that a program reports, or '': `nginx -v` prints `nginx version: nginx/1.22.1`, on stderr. */
export async function reportedVersion(command: string, flag: string): Promise<string> {
  return /\d+(\.\d+)+/.exec(await outputOf(command, [flag]))?.[0] ?? '';
}

/** The same, where a version is needed to go by: one that does not say is taken for the oldest. */
export async function versionOf(command: string, flag: '-v' | '-V'): Promise<string> {
  return (await reportedVersion(command, flag)) || '0.0.0';
}
