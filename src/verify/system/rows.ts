/** How many rows a table has: what a write leaves behind, whatever its answers say. */
import type { Running } from '../../engines/engine.ts';
import { databaseHolding } from './nodes.ts';

/** @param table a name that `databaseHolding` finds, and so nothing but a name */
export async function rowsIn(running: Running, table: string): Promise<number> {
  const database = await databaseHolding(running, table);
  const [row] = await running.sql<{ n: number }>(database, `select count(*)::int as n from ${table}`, {
    as: 'admin',
  });
  return row?.n ?? 0;
}
