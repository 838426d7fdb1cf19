/** A project's own data folder: what stays of a run that lasts. Git knows nothing of it. */
import { existsSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { isOpenToOthers, isRoot, ownAccount } from '../../processes/account.ts';
import { outputOf } from '../../processes/run.ts';
import { isAlive } from '../../processes/table.ts';
import { waitUntil } from '../run/wait.ts';

const DATA_FOLDER = '.data';
const BEGIN_ANEW = '`create-backend-stage up --fresh` begins with an empty database, and forgets this one';

/** A server whose tool was killed is ended by its watchdog, which takes a moment. */
const LET_GO_MS = 6_000;

export interface KeptData {
  /** Where the data is, or is to be. */
  readonly path: string;
  /** How to name it to a person. */
  readonly name: string;
  /** Whose it is; undefined where there is none yet. */
  readonly owner: Owner | undefined;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Where the database server `node` keeps its data in the project, which no other server uses now.
 * @param fresh removes what is there
 * @throws EngineError where it cannot be used, with what to do
 */
export async function openKeptData(directory: string, node: string, fresh: boolean): Promise<KeptData> {
  const folders = [DATA_FOLDER, join(DATA_FOLDER, 'postgres'), join(DATA_FOLDER, 'postgres', node)];
  const [root, parent, path] = folders.map(folder => join(directory, folder)) as [string, string, string];
  const name = folders[2] ?? '';
  for (const folder of [root, parent, path]) await refuseLink(folder);
  const owner = await ownerOf(path, name);
  await refuseInUse(path, name);
  if (fresh) await rm(path, { recursive: true, force: true, maxRetries: 5 });
  await makeFolder(root);
  // Also where an older .gitignore does not know it: a database must never be committed.
  await writeFile(join(root, '.gitignore'), '*\n');
  await makeFolder(parent);
  await requireWayTo(parent);
  const isThere = existsSync(join(path, 'PG_VERSION'));
  if (!isThere) await refuseOther(path, name);
  return { path, name, owner: isThere ? owner : undefined };
}

/** @throws EngineError where the data is another account's, and we cannot become that one */
async function ownerOf(path: string, name: string): Promise<Owner | undefined> {
  const stats = await stat(path).catch(() => undefined);
  const own = ownAccount();
  if (!stats || own === undefined || own === 0 || stats.uid === own) return stats;
  throw new EngineError(`the data in ${name} belongs to another account (${stats.uid})`, {
    hint: 'run `up` as the one that made it, or have that one remove the folder',
  });
}

async function refuseOther(path: string, name: string): Promise<void> {
  if ((await readdir(path).catch(() => [])).length === 0) return;
  throw new EngineError(`what is in ${name} is no database`, { hint: `move it away, or: ${BEGIN_ANEW}` });
}

/** Behind a link could be anything: nothing is removed, and nothing given to another account, through one. */
async function refuseLink(path: string): Promise<void> {
  if (!(await lstat(path).catch(() => undefined))?.isSymbolicLink()) return;
  throw new EngineError(`${path} is a link, and data is kept in a folder of the project only`, {
    hint: `remove the link ${path}`,
  });
}

/** Root gives the data to PostgreSQL's account, which passes through these folders; others have no business in them. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (isRoot()) await chmod(path, 0o711);
}

async function requireWayTo(path: string): Promise<void> {
  if (!isRoot() || isOpenToOthers(path)) return;
  throw new EngineError(
    `PostgreSQL does not run as root, and no other account may enter ${dirname(dirname(path))}`,
    {
      hint: 'run as an ordinary user, or let others pass (chmod o+x) through the folders on the way to it',
      lacks: 'machine',
    },
  );
}

async function refuseInUse(path: string, name: string): Promise<void> {
  const never = new Promise<never>(() => undefined);
  if (await waitUntil(async () => (await serverOn(path)) === undefined, never, LET_GO_MS)) return;
  throw new EngineError(`another PostgreSQL (process ${await serverOn(path)}) has the data in ${name}`, {
    hint: 'end the `up` that it belongs to',
  });
}

/** The id of the server that runs on this data. The lock file alone does not tell: after a crash its id may be anybody's. */
async function serverOn(path: string): Promise<number | undefined> {
  const lock = await readFile(join(path, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(lock, 10);
  if (!(pid > 0) || !isAlive(pid)) return undefined;
  if (process.platform === 'linux') {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return folder === (await realpath(path)) ? pid : undefined;
  }
  if (process.platform === 'win32') return pid;
  return (await outputOf('ps', ['-o', 'command=', '-p', String(pid)])).includes('postgres') ? pid : undefined;
}

/** @throws EngineError where this machine's PostgreSQL is of another major version than the data */
export async function requireMajor({ path, name }: KeptData, installed: string): Promise<void> {
  const [data = '', here = ''] = [await readFile(join(path, 'PG_VERSION'), 'utf8'), installed].map(
    version => /^\d+/.exec(version.trim())?.[0],
  );
  if (data === here) return;
  throw new EngineError(`the data in ${name} is of PostgreSQL ${data}, and this machine's is ${here}`, {
    hint: `install PostgreSQL ${data}, or: ${BEGIN_ANEW}`,
  });
}

export function otherPassword({ name }: KeptData, secret: string): EngineError {
  return new EngineError(`the data in ${name} was made with another secrets/${secret}`, {
    hint: `put the old one back, or: ${BEGIN_ANEW}`,
  });
}
