import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '#kit/config';
import type { Queries } from '#kit/database';
import { Problem } from '#kit/problem';

/** How often to try again while the database is out of reach, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * Compares what all processes' pools may take with what the server gives. Waits for a database that is out of reach.
 * @throws StartError when it is too much: then, on a busy day, connections would be refused to whoever comes last.
 */
export async function checkPoolBudget(
  database: Queries,
  { max, processes }: { readonly max: number; readonly processes: number },
): Promise<void> {
  const limits = await readLimits(database);
  const reserved = limits.superuser_reserved_connections + limits.reserved_connections;
  const wanted = max * processes;
  const given = limits.max_connections - reserved;
  if (wanted <= given) return;
  throw new StartError(
    `POOL_MAX ${max} times POOL_PROCESSES ${processes} is ${wanted} connections, and PostgreSQL gives ${given} ` +
      `(max_connections ${limits.max_connections}, of which ${reserved} are reserved): lower POOL_MAX or raise max_connections`,
  );
}

async function readLimits(database: Queries) {
  // PostgreSQL before 16 does not have the last one.
  const limits = { max_connections: 0, superuser_reserved_connections: 0, reserved_connections: 0 };
  for (;;) {
    try {
      const { rows } = await database.query<{ name: keyof typeof limits; setting: number }>(
        'select name, setting::integer as setting from pg_settings where name = any($1)',
        [Object.keys(limits)],
      );
      for (const { name, setting } of rows) limits[name] = setting;
      return limits;
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw new StartError(
          `the database does not let this program in (${(error as Error).message}): check PGUSER, PGPASSWORD_FILE and PGDATABASE`,
        );
      }
      await sleep(RETRY_MS);
    }
  }
}
