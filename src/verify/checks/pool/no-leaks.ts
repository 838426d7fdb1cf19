import { randomUUID } from 'node:crypto';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpClient, HttpResponse } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { load, tally } from '../../load/burst.ts';
import { databaseHolding, poolBound, programServing } from '../../system/nodes.ts';

const CLIENTS = 20;
const REQUESTS = 500;
/** Through a front door that limits an address. */
const FEWER_REQUESTS = 200;
/** A transaction that does nothing for so long is one that was forgotten. */
const FORGOTTEN_MS = 500;

interface Connections {
  readonly pids: readonly number[];
  readonly forgotten: number;
}

export const poolNoLeaks: Guarantee = {
  id: 'pool.no-leaks',
  lines: ['D2', 'D5'],
  title: 'failing requests leave no transaction open, and connections are used again',
  from: 'pool',
  async check(world) {
    const { running, blueprint, shop } = world;
    const program = programServing(blueprint, '/orders');
    const database = await databaseHolding(running, 'orders.orders');
    const { role, bound } = poolBound(blueprint, database);
    const cookie = await shop.login();
    const key = randomUUID();
    const first = await shop.order(cookie, { key });
    expect(first.status < 300, `POST /orders answered ${first.status}`);
    const copy = directTo(world, program);
    const requests = copy ? REQUESTS : FEWER_REQUESTS;
    try {
      const send = (index: number) => failing(copy ?? shop, cookie, key, index);
      await load({ clients: CLIENTS, goOn: sent => sent < CLIENTS * 2, send });
      const before = await connectionsOf(world, database, role);
      const samples = await load({ clients: CLIENTS, goOn: sent => sent < requests, send });
      const odd = samples.find(({ status }) => status < 400 || status >= 500);
      expect(!odd, `${requests} requests that must fail: ${tally(samples)}`);
      await sleep(FORGOTTEN_MS);
      const after = await connectionsOf(world, database, role);
      expect(
        after.forgotten === 0,
        `${after.forgotten} connections of ${role} are idle in a transaction after ${tally(samples)}`,
      );
      expect(
        after.pids.length <= bound,
        `${role} has ${after.pids.length} connections, more than the bound of ${bound}`,
      );
      const lasting = after.pids.filter(pid => before.pids.includes(pid)).length;
      expect(
        lasting > 0,
        `none of ${before.pids.length} connections lasted: ${role} opens one for each request`,
      );
      return kept(
        `${tally(samples)}; then ${after.pids.length} connections of ${bound}, ${lasting} of them the same as before, none in a transaction`,
        { requests, connections: after.pids.length, lasting, bound },
      );
    } finally {
      copy?.close();
    }
  },
};

/** A request that fails, mostly in the middle of a transaction. */
function failing(client: HttpClient, cookie: string, key: string, index: number): Promise<HttpResponse> {
  if (index % 4 === 0) return client.get(`/orders/${randomUUID()}`, { cookie });
  if (index % 4 === 1) return client.post('/orders', {}, { cookie: 'session=x' });
  return client.order(cookie, { items: [{ productId: 1, quantity: 2 }], key });
}

async function connectionsOf({ running }: World, database: string, role: string): Promise<Connections> {
  const rows = await running.sql<{ pid: number; forgotten: boolean }>(
    database,
    `select pid, state like 'idle in transaction%' and state_change < now() - $2::text::interval as forgotten
     from pg_stat_activity where usename = $1`,
    { values: [role, `${FORGOTTEN_MS} milliseconds`], as: 'admin' },
  );
  return { pids: rows.map(({ pid }) => pid), forgotten: rows.filter(({ forgotten }) => forgotten).length };
}
