import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { burst, load, tally, worstMs } from '../../load/burst.ts';
import { databaseOfReads, whileReadsWait } from '../../load/held-reads.ts';
import { poolBound } from '../../system/nodes.ts';

/** The promise is made for 64; where all pools together are larger, only more requests can exceed them. */
const AT_LEAST_CLIENTS = 64;
const LOCK_MS = 700;

export const poolBounded: Guarantee = {
  id: 'pool.bound',
  lines: ['D1'],
  title: 'never more connections than the bound, however many requests there are',
  from: 'pool',
  needs: ['probes.read', 'database.lock'],
  async check(world) {
    const { running, probes } = world;
    const database = await databaseOfReads(world);
    const { role, bound } = poolBound(running.blueprint, database);
    const clients = Math.max(AT_LEAST_CLIENTS, bound + 16);
    let seen = 0;
    let sampling = true;
    const sampler = (async () => {
      while (sampling) {
        seen = Math.max(seen, await connectionsOf(world, database, role));
        await sleep(10);
      }
    })();
    // Behind a locked table every request waits with its connection: only now does a bound show.
    const blocked = whileReadsWait(world, LOCK_MS, () => burst(clients, () => probes.read()));
    const waiting = await blocked.finally(async () => {
      await sleep(50);
    });
    let refused = 0;
    const busy = await load({
      clients,
      goOn: sent => sent < clients * 2,
      send: () => probes.read(),
    });
    sampling = false;
    await sampler;
    const samples = [...waiting, ...busy];
    for (const { response } of samples) if (response?.text.includes('53300')) refused += 1;
    const wrong = samples.find(each => !probes.isRead(each));
    expect(
      wrong === undefined,
      `${clients} clients at once: ${tally(samples)}${wrong?.response ? `; ${describe(wrong.response)}` : ''}`,
    );
    expect(refused === 0, `${refused} requests met 53300 (too many connections)`);
    expect(
      seen <= bound,
      `${seen} connections of ${role} in pg_stat_activity, more than the bound of ${bound}`,
    );
    expect(seen > 0, `no connection of ${role} was ever seen in pg_stat_activity`);
    return kept(`${clients} clients at once: at most ${seen} connections of ${bound}, every answer good`, {
      clients,
      requests: samples.length,
      bound,
      mostConnections: seen,
      worstMs: worstMs(samples),
    });
  },
};

async function connectionsOf({ running }: World, database: string, role: string): Promise<number> {
  const rows = await running.sql<{ n: number }>(
    database,
    'select count(*)::int as n from pg_stat_activity where usename = $1',
    { values: [role], as: 'admin' },
  );
  return rows[0]?.n ?? 0;
}
