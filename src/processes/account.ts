/** The account that this process runs as, and what others may reach. */
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether this process may do anything; never on Windows, where no account is like that. */
export function isRoot(): boolean {
  return ownAccount() === 0;
}

/** The account's number; undefined on Windows. */
export function ownAccount(): number | undefined {
  return process.getuid?.();
}

/** Whether any account may pass through every existing folder on the way to `path`. */
export function isOpenToOthers(path: string): boolean {
  const parent = dirname(path);
  const open = !existsSync(path) || (statSync(path).mode & 0o001) !== 0;
  return open && (parent === path || isOpenToOthers(parent));
}
