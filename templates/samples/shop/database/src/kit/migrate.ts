/** Brings a database up to date: the database itself, its roles, its tables, and what the program may do with them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runner } from 'node-pg-migrate';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { optionalSecretFile, StartError, text } from '#kit/config';
import type { Connection } from '#kit/connection';
import type { Queries } from '#kit/database';
import { isUnavailable } from '#kit/database-errors';

/** How long the database may take to come up, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Any number will do, as long as all migrations take the same. */
const LOCK = 5_720_943_178;

export const migrationVariables = {
  adminUser: { name: 'ADMIN_USER', fallback: 'postgres', read: text },
  adminPassword: { name: 'ADMIN_PASSWORD_FILE', fallback: '', read: optionalSecretFile },
  appRole: { name: 'APP_ROLE', read: text },
  appPassword: { name: 'APP_PASSWORD_FILE', fallback: '', read: optionalSecretFile },
};

export interface MigrationConfig {
  /** As whom to migrate: the role that owns the database and every table. */
  readonly owner: Connection;
  /** The role that the program uses. It may read and write rows, and nothing else. */
  readonly appRole: string;
  readonly appPassword: string | undefined;
  readonly adminUser: string;
  /** Without it, the database and both roles must be there already. */
  readonly adminPassword: string | undefined;
  /** A schema for each module, and the folder with its migrations. */
  readonly modules: readonly { readonly schema: string; readonly folder: string }[];
  /** Adds the first rows, as the owner. Must do no harm when it runs again. */
  readonly seed?: (database: Queries) => Promise<void>;
}

/** May run any number of times, also at once. @returns what it ran. @throws StartError when it cannot be done. */
export async function migrate(config: MigrationConfig): Promise<string[]> {
  const done: string[] = [];
  if (config.adminPassword) {
    const { owner, adminUser: user, adminPassword: password } = config;
    await locked({ ...owner, database: 'postgres', user, password }, admin => provision(admin, config));
  }
  await locked(config.owner, async client => {
    for (const module of config.modules) {
      done.push(...(await runMigrations(client, module)));
      await grantRows(client, module.schema, config.appRole);
    }
    await config.seed?.(client);
  });
  return done;
}

/** Connects, waiting for a database that is still coming up, and keeps every other migration out meanwhile. */
async function locked(connection: Connection, work: (client: Client) => Promise<void>): Promise<void> {
  const client = await connect(connection, Date.now() + PATIENCE_MS);
  client.on('error', () => {});
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await work(client);
  } finally {
    await client.end();
  }
}

async function connect(connection: Connection, until: number): Promise<Client> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return client;
  } catch (error) {
    const { user, database, host, port } = connection;
    const what = `cannot open database ${database} at ${host}:${port} as ${user}`;
    if (!isUnavailable(error) || Date.now() > until) {
      throw new StartError(
        `${what} (${(error as Error).message}): is it running, and is that the right role and password?`,
      );
    }
    await sleep(500);
    return connect(connection, until);
  }
}

/** Names and passwords cannot be sent as $1 in these statements, so they are quoted here. */
async function provision(admin: Client, { owner, appRole, appPassword }: MigrationConfig): Promise<void> {
  if (!appPassword)
    throw new StartError('APP_PASSWORD_FILE is not set: with ADMIN_PASSWORD_FILE it is needed');
  for (const [role, password] of [
    [owner.user, owner.password],
    [appRole, appPassword],
  ] as const) {
    const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [role]);
    const verb = rowCount ? 'alter' : 'create';
    await admin.query(`${verb} role ${escapeIdentifier(role)} login password ${escapeLiteral(password)}`);
  }
  const database = escapeIdentifier(owner.database);
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [owner.database]);
  if (!rowCount) await admin.query(`create database ${database} owner ${escapeIdentifier(owner.user)}`);
  // By default every role of the server may connect to every database.
  await admin.query(`revoke all on database ${database} from public`);
  await admin.query(`grant connect on database ${database} to ${escapeIdentifier(appRole)}`);
}

async function runMigrations(
  client: Client,
  { schema, folder }: { schema: string; folder: string },
): Promise<string[]> {
  const errors: string[] = [];
  const quiet = () => {};
  const keep = (message: string) => void errors.push(message);
  try {
    const done = await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      schema,
      createSchema: true,
      migrationsSchema: schema,
      migrationsTable: 'migrations',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: { debug: quiet, info: quiet, warn: quiet, error: keep },
    });
    return done.map(({ name }) => `${schema}/${name}`);
  } catch (error) {
    throw new StartError([`cannot migrate ${schema}: ${(error as Error).message}`, ...errors].join('\n'));
  }
}

async function grantRows(client: Client, schemaName: string, appRole: string): Promise<void> {
  const schema = escapeIdentifier(schemaName);
  const role = escapeIdentifier(appRole);
  const rows = 'select, insert, update, delete';
  await client.query(`grant usage on schema ${schema} to ${role}`);
  await client.query(`grant ${rows} on all tables in schema ${schema} to ${role}`);
  await client.query(`grant usage, select on all sequences in schema ${schema} to ${role}`);
  await client.query(`alter default privileges in schema ${schema} grant ${rows} on tables to ${role}`);
  await client.query(
    `alter default privileges in schema ${schema} grant usage, select on sequences to ${role}`,
  );
  await client.query(`revoke all on ${schema}.migrations from ${role}`);
}
