/** A request that needs a connection, and keeps it: the read probe, as long as a table that it needs is locked. */
import { sleep } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { NotVerifiable } from '../outcome.ts';
import { lockedWhile } from '../system/locks.ts';
import { databaseHolding } from '../system/nodes.ts';

const SAMPLE_EVERY_MS = 20;

/** The database whose connections `read` needs. */
export function databaseOfReads({ running, probes }: Pick<World, 'running' | 'probes'>): Promise<string> {
  return databaseHolding(running, tableOfReads(probes));
}

/**
 * Runs `work` while every read that gets a connection waits with it, for `ms`.
 * @returns what `work` gave, after the lock is gone. @throws NotVerifiable if no read has waited: then it needs another table
 */
export async function whileReadsWait<T>(
  { running, probes }: Pick<World, 'running' | 'probes'>,
  ms: number,
  work: () => Promise<T>,
): Promise<T> {
  const table = tableOfReads(probes);
  const database = await databaseHolding(running, table);
  let isOver = false;
  const hasWaited = async () => {
    while (!isOver) {
      const rows = await running.sql<{ waits: boolean }>(
        database,
        'select exists (select from pg_locks where relation = to_regclass($1) and not granted) as waits',
        { values: [table], as: 'admin' },
      );
      if (rows[0]?.waits) return true;
      await sleep(SAMPLE_EVERY_MS);
    }
    return false;
  };
  const [result, waited] = await lockedWhile(running, database, table, ms, () =>
    Promise.all([
      work().finally(() => {
        isOver = true;
      }),
      hasWaited(),
    ]),
  );
  if (waited) return result;
  throw new NotVerifiable(`no read waited for a lock on ${table}: it needs another table`, 'probe');
}

function tableOfReads({ facts }: World['probes']): string {
  const lock = facts.database?.lock;
  if (lock === undefined) throw new Error('asked for database.lock, which stage.yaml does not have');
  return lock;
}
