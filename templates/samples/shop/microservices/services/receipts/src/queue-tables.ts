/** graphile-worker's own tables, and the connections to them. */
import { runMigrations } from 'graphile-worker';
import { escapeIdentifier, Pool, type PoolConfig } from 'pg';
import type { Connection } from '#kit/connection';
import type { Queries } from '#kit/database';

/** The queue's own connections, apart from those for requests: one of them listens for new jobs. */
export const QUEUE_CONNECTIONS = 2;

const SCHEMA = 'graphile_worker';

/** Connections for graphile-worker, which wants them as a pool. */
export function openQueue(config: PoolConfig, max: number): Pool {
  const pool = new Pool({ ...config, max });
  // Unheard, a connection that breaks would end the process.
  pool.on('error', () => {});
  pool.on('connect', client => void client.on('error', () => {}));
  return pool;
}

/** Makes graphile-worker's tables as their owner, and lets the program use them. May run any number of times. */
export async function installQueue(database: Queries, owner: Connection, appRole: string): Promise<void> {
  const pgPool = openQueue(owner, 1);
  try {
    await runMigrations({ pgPool });
  } finally {
    await pgPool.end();
  }
  const role = escapeIdentifier(appRole);
  await database.query(`grant usage on schema ${SCHEMA} to ${role}`);
  await database.query(`grant select, insert, update, delete on all tables in schema ${SCHEMA} to ${role}`);
  await database.query(`grant usage, select on all sequences in schema ${SCHEMA} to ${role}`);
  // graphile-worker turns row security on: without a policy, every table looks empty to all but its owner.
  const { rows } = await database.query<{ name: string }>(
    `select relname as name from pg_class
      where relnamespace = '${SCHEMA}'::regnamespace and relrowsecurity
        and not exists (select from pg_policy where polrelid = pg_class.oid)`,
  );
  for (const { name } of rows) {
    await database.query(
      `create policy program on ${SCHEMA}.${escapeIdentifier(name)} to ${role} using (true)`,
    );
  }
}
