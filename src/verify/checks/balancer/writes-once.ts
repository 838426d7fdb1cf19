import { randomUUID } from 'node:crypto';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpResponse } from '../../http/client.ts';
import type { Crowd } from '../../load/crowd.ts';
import { expectNoneFailed, figuresOf, Load } from '../../load/steady.ts';
import { underLoad } from '../../load/under-load.ts';
import { balancerOf, databaseHolding, programServing, startAll } from '../../system/nodes.ts';
import { hasCopies } from './spread.ts';

const CLIENTS = 8;
const KEYS = 1_000;
/** How often a customer who gets no order sends the same key again, and after how long a pause. */
const TRIES = 10;
const PAUSE_MS = 100;

export const balancerWritesOnce: Guarantee = {
  id: 'balancer.writes-once',
  lines: ['E2'],
  title: `kill -9 of a copy under orders: each of ${KEYS} keys ends as exactly one order`,
  from: 'balancer',
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)) && programServing(blueprint, '/orders').replicas > 1,
  limitMs: 120_000,
  async check(world) {
    const { running, blueprint, shop } = world;
    const program = programServing(blueprint, '/orders');
    const database = await databaseHolding(running, 'orders.orders');
    const cookie = await shop.login();
    const before = await orderCount(world, database);
    const keys: string[] = [];
    const failedFirst: string[] = [];
    const customers = (crowd: Crowd) =>
      new Load(world, {
        what: 'orders',
        clients: CLIENTS,
        isGood: isTaken,
        send: async index => {
          const key = randomUUID();
          keys.push(key);
          return await untilTaken(
            () => crowd.at(index).order(cookie, { key }),
            what => failedFirst.push(what),
          );
        },
      });
    return await underLoad(world, {
      start: crowd => [customers(crowd)],
      work: async load => {
        await load.reaches(KEYS / 4);
        await running.kill(program.name, 0);
        const killedAt = performance.now();
        await load.reaches(KEYS);
        const report = await load.stop();
        expectNoneFailed(report, KEYS, killedAt);
        const lost = keys.length - (await ordersOf(world, database, keys));
        const extra = (await orderCount(world, database)) - before - (keys.length - lost);
        expect(
          lost === 0 && extra === 0,
          `${keys.length} keys were answered with an order each: ${lost} keys have no order, and ${extra} orders no key of their own`,
        );
        const first = failedFirst[0] === undefined ? '' : `, such as: ${failedFirst[0]}`;
        return kept(
          `${keys.length} keys gave ${keys.length} orders, 0 lost, 0 doubled; ${failedFirst.length} first tries failed${first}`,
          { ...figuresOf(report), firstTriesFailed: failedFirst.length, lost, doubled: extra },
        );
      },
      restore: () => startAll(running, [{ program, copy: 0 }]),
    });
  },
};

function isTaken({ status }: HttpResponse): boolean {
  return status === 201 || status === 202;
}

/** What a careful customer does: after a failure or a 5xx the same order, with the same key, once more. */
async function untilTaken(
  send: () => Promise<HttpResponse>,
  onFirstFailure: (what: string) => void,
): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await send();
      if (response.status < 500 || attempt === TRIES) return response;
      if (attempt === 1) onFirstFailure(`${response.request} answered ${response.status}`);
    } catch (error) {
      if (attempt === TRIES) throw error;
      if (attempt === 1) onFirstFailure((error as Error).message);
    }
    await sleep(PAUSE_MS);
  }
}

async function orderCount({ running }: World, database: string): Promise<number> {
  const rows = await running.sql<{ n: number }>(database, 'select count(*)::int as n from orders.orders');
  return rows[0]?.n ?? 0;
}

/** How many of the keys have an order that is there. */
async function ordersOf({ running }: World, database: string, keys: readonly string[]): Promise<number> {
  const rows = await running.sql<{ n: number }>(
    database,
    `select count(distinct key)::int as n from orders.idempotency_keys
     join orders.orders on orders.id = order_id where key = any($1)`,
    { values: [keys] },
  );
  return rows[0]?.n ?? 0;
}
