/** A PostgreSQL server of the run's own: created, started, and ended without leaving shared memory behind. */
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresNode } from '../../blueprint/blueprint.ts';
import { EngineError, LOG_TAIL } from '../../errors.ts';
import { isRoot } from '../../processes/account.ts';
import { versionOf } from '../../processes/executables.ts';
import { outputOf } from '../../processes/run.ts';
import { isAlive } from '../../processes/table.ts';
import { inheritedEnvironment } from '../run/environment.ts';
import type { Launch } from '../run/launch.ts';
import { LOOPBACK } from '../run/ports.ts';
import { ADMIN_SECRET, ADMIN_USER, runSql } from '../sql.ts';
import { portsOf, type RunContext } from './context.ts';
import type { Part } from './copy.ts';
import { type KeptData, openKeptData, otherPassword, requireMajor } from './data-folder.ts';

const NO_SPACE = 'No space left on device';
/** SQLSTATE invalid_password. */
const WRONG_PASSWORD = '28P01';

/** Accounts that PostgreSQL may run as where the tool runs as root, best first. */
const ACCOUNTS = ['postgres', '_postgres', 'nobody'];

type Account = NonNullable<Launch['account']>;

/** PostgreSQL refuses to run as root: then an account without rights, otherwise the user's own. */
export async function postgresAccount(accounts = ACCOUNTS): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  for (const name of accounts) {
    const ids = await Promise.all(['-u', '-g'].map(flag => outputOf('id', [flag, name])));
    const [uid, gid] = ids.map(Number);
    if (uid && gid) return { uid, gid };
  }
  throw new EngineError(
    'PostgreSQL does not run as root, and this machine has no account called postgres or nobody',
    { hint: 'run as an ordinary user', lacks: 'machine' },
  );
}

export function postgresPart(context: RunContext, node: PostgresNode): Part {
  const server = new PostgresServer(context, node);
  return {
    label: node.name,
    // Fast shutdown, then immediate: SIGKILL would leave shared memory behind. Data that stays is given the time to be written.
    stopSteps: [
      { signal: 'SIGINT', waitMs: context.lasting ? 15_000 : 2_000 },
      { signal: 'SIGQUIT', waitMs: 2_000 },
    ],
    crashSteps: [{ signal: 'SIGQUIT', waitMs: 5_000 }],
    prepare: () => server.prepare(),
    healthy: () => server.healthy(),
    clear: () => server.removeSharedMemory(),
  };
}

class PostgresServer {
  readonly #context: RunContext;
  readonly #node: PostgresNode;
  #account: Account | undefined;
  #folder = '';
  #data = '';
  #kept: KeptData | undefined;

  constructor(context: RunContext, node: PostgresNode) {
    this.#context = context;
    this.#node = node;
  }

  async prepare(): Promise<Launch> {
    if (this.#folder === '') await this.#create();
    await this.#dropForeignLock();
    const settings = {
      listen_addresses: LOOPBACK,
      port: portsOf(this.#context, this.#node.name).main,
      max_connections: this.#node.maxConnections,
      unix_socket_directories: '',
      // Shared memory in files of the data folder goes away with it, whatever ends the server.
      dynamic_shared_memory_type: process.platform === 'win32' ? 'windows' : 'mmap',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return this.#program('postgres', ['-D', this.#data, ...args]);
  }

  async #create(): Promise<void> {
    const { directory, lasting, runDirectory } = this.#context;
    this.#account = await postgresAccount();
    this.#folder = await runDirectory.folderFor(this.#node.name);
    if (!lasting) {
      await this.#own(this.#folder);
      this.#data = join(this.#folder, 'data');
      return this.#initialise(this.#data, ['--no-sync']);
    }
    const kept = await openKeptData(directory, this.#node.name, lasting.fresh);
    this.#kept = kept;
    this.#data = kept.path;
    // Root can be whoever's data it is.
    if (this.#account && kept.owner) this.#account = { uid: kept.owner.uid, gid: kept.owner.gid };
    await this.#own(this.#folder);
    if (kept.owner) return requireMajor(kept, await versionOf(this.#path('postgres'), '-V'));
    // Whole or not at all: whatever ends us meanwhile leaves nothing that looks like a database.
    const unfinished = `${kept.path}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o700 });
    await this.#own(unfinished);
    await this.#initialise(unfinished, []);
    await rename(unfinished, kept.path);
  }

  async #own(path: string): Promise<void> {
    if (this.#account) await chown(path, this.#account.uid, this.#account.gid);
  }

  async #initialise(data: string, how: readonly string[]): Promise<void> {
    const passwordFile = join(this.#folder, 'password');
    await writeFile(passwordFile, await this.#context.runDirectory.secret(ADMIN_SECRET), { mode: 0o600 });
    await this.#own(passwordFile);
    const options = [
      '-U',
      ADMIN_USER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      ...locale(),
    ];
    const { code, lines } = await this.#context.complete(
      this.#program('initdb', ['-D', data, ...how, ...options]),
    );
    await rm(passwordFile, { force: true });
    if (code !== 0)
      throw new EngineError(`initdb could not create the data folder of ${this.#node.name}`, {
        logTail: lines.slice(-LOG_TAIL),
        ...(lines.some(line => line.includes(NO_SPACE)) ? { hint: 'make room', lacks: 'machine' } : {}),
      });
  }

  #path(program: string): string {
    const folder = this.#context.tools.postgres;
    if (!folder) throw new EngineError('this machine has no PostgreSQL', { lacks: 'machine' });
    return join(folder, program);
  }

  #program(name: string, args: readonly string[]): Launch {
    return {
      command: this.#path(name),
      args,
      cwd: this.#folder,
      env: { ...inheritedEnvironment(), HOME: this.#folder, LC_MESSAGES: 'C' },
      account: this.#account,
      kind: 'postgres',
    };
  }

  /** A killed server leaves its lock file. PostgreSQL copes, unless the id in it has meanwhile been given to another process. */
  async #dropForeignLock(): Promise<void> {
    const [pid] = await this.#lock();
    if (pid && isAlive(Number(pid))) await rm(this.#lockFile, { force: true });
  }

  get #lockFile(): string {
    return join(this.#data, 'postmaster.pid');
  }

  async #lock(): Promise<readonly string[]> {
    if (this.#folder === '' || !existsSync(this.#lockFile)) return [];
    return (await readFile(this.#lockFile, 'utf8')).split('\n');
  }

  async healthy(): Promise<boolean> {
    const login = {
      host: LOOPBACK,
      port: portsOf(this.#context, this.#node.name).main,
      database: 'postgres',
      user: ADMIN_USER,
      password: await this.#context.runDirectory.secret(ADMIN_SECRET),
    };
    return runSql(login, 'select 1').then(
      () => true,
      (error: { code?: string }) => {
        if (this.#kept?.owner && error.code === WRONG_PASSWORD) throw otherPassword(this.#kept, ADMIN_SECRET);
        return false;
      },
    );
  }

  /** A server that was killed could not give back its System V segment, whose id is in the lock file's seventh line. */
  async removeSharedMemory(): Promise<void> {
    const segment = (await this.#lock())[6]?.trim().split(/\s+/)[1];
    if (segment && process.platform !== 'win32') await outputOf('ipcrm', ['-m', segment]);
  }
}

/** As in the official image, texts are compared as UTF-8, whatever the user's own locale is. */
function locale(): string[] {
  if (process.platform === 'linux') return ['--locale=C.UTF-8'];
  return process.platform === 'darwin' ? ['--locale=en_US.UTF-8'] : ['--locale=C'];
}
