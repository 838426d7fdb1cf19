/** Accounts of this machine: whose this process is, which others there are, and what they may reach. */
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { outputOf } from './run.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Whether this process may do anything; never on Windows, where no account is like that. */
export function isRoot(): boolean {
  return ownAccount() === 0;
}

/** The account's number; undefined on Windows. */
export function ownAccount(): number | undefined {
  return process.getuid?.();
}

/** The account of that name without root's rights, if there is one. */
export async function accountNamed(name: string): Promise<Account | undefined> {
  const ids = await Promise.all(['-u', '-g'].map(flag => outputOf('id', [flag, name])));
  const [uid, gid] = ids.map(Number);
  return uid && gid ? { uid, gid } : undefined;
}

/** Whether any account may pass through every existing folder on the way to `path`. */
export function isOpenToOthers(path: string): boolean {
  const parent = dirname(path);
  const open = !existsSync(path) || (statSync(path).mode & 0o001) !== 0;
  return open && (parent === path || isOpenToOthers(parent));
}
