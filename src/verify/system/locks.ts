/** A table that nobody else may touch for a while: how a check makes every request wait with its connection. */
import { randomUUID } from 'node:crypto';
import type { Running } from '../../engines/engine.ts';
import { eventually } from '../expect.ts';

/**
 * Runs `work` while a session of the superuser holds the table in ACCESS EXCLUSIVE mode for `ms`.
 * @returns what `work` gave, after the lock is gone
 */
export async function lockedWhile<T>(
  running: Running,
  database: string,
  table: string,
  ms: number,
  work: () => Promise<T>,
): Promise<T> {
  const mark = `verify ${randomUUID()}`;
  const held = running.sql(
    database,
    `do $$ begin /* ${mark} */ lock table ${table} in access exclusive mode; perform pg_sleep(${ms / 1000}); end $$`,
    { as: 'admin' },
  );
  const failed = held.then(
    () => undefined,
    (error: unknown) => error,
  );
  await eventually(
    `the lock on ${table}`,
    5_000,
    async () => {
      const rows = await running.sql<{ held: boolean }>(
        database,
        `select exists (select from pg_locks join pg_stat_activity using (pid)
         where relation = to_regclass($1) and mode = 'AccessExclusiveLock' and granted and query like $2) as held`,
        { values: [table, `%${mark}%`], as: 'admin' },
      );
      return rows[0]?.held ?? false;
    },
    10,
  );
  const result = await work();
  const error = await failed;
  if (error) throw error;
  return result;
}
