import { randomUUID } from 'node:crypto';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { itemsFor } from '../../http/purchases.ts';
import type { Crowd } from '../../load/crowd.ts';
import { Refusals } from '../../load/refusals.ts';
import { figuresOf, Load, type LoadReport, outcomesOf, REQUESTS } from '../../load/steady.ts';
import { underLoad } from '../../load/under-load.ts';
import { copiesOf, databaseHolding, postgresOf } from '../../system/nodes.ts';

const CLIENTS = 16;
const BEFORE = 500;
/** One request in so many is an order. */
const ORDER_EVERY = 10;
/** How long after the database's return an error may still come. */
const GRACE_MS = 2_000;

/** Where each request opens a connection of its own, two busy cores answer some fifty a second. */
const ANSWERED_WITHIN_MS = 200_000;

/** When the database was gone, on `performance.now()`'s clock. */
interface Outage {
  readonly from: number;
  readonly to: number;
}

export const databaseCrash: Guarantee = {
  id: 'database.crash-under-load',
  lines: ['C1', 'C6'],
  title: `PostgreSQL crashes under load: only 503, no later than ${GRACE_MS / 1000} s after its return; then 0 of ${REQUESTS} fail`,
  from: 'database',
  drill: true,
  limitMs: 300_000,
  async check(world) {
    const { running, blueprint, shop } = world;
    const copies = copiesOf(blueprint);
    const pids = () => Promise.all(copies.map(({ program, copy }) => running.pid(program.name, copy)));
    const cookie = await shop.login();
    const pidsBefore = await pids();
    const refusals = new Refusals();
    const accepted: string[] = [];
    const customers = (crowd: Crowd) =>
      new Load(world, {
        what: 'GETs and POSTs',
        clients: CLIENTS,
        isGood: ({ status }) => status < 300,
        send: async index => {
          const client = crowd.at(index);
          if (index % ORDER_EVERY > 0) return refusals.see(await client.get('/products?limit=1'));
          const answer = refusals.see(
            await client.order(cookie, { key: randomUUID(), items: itemsFor(index / ORDER_EVERY) }),
          );
          if (answer.status < 300) accepted.push(answer.json<{ id: string }>().id);
          return answer;
        },
      });
    return await underLoad(world, {
      start: crowd => [customers(crowd)],
      work: async load => {
        await load.reaches(BEFORE);
        const from = performance.now();
        await running.restart(postgresOf(blueprint).name);
        const outage = { from, to: performance.now() };
        while (performance.now() < outage.to + GRACE_MS) {
          await load.reaches(load.ended + 1);
        }
        await load.reaches(load.ended + REQUESTS, ANSWERED_WITHIN_MS);
        const report = await load.stop();
        const lastErrorMs = expectOnlyOutage(report, outage);
        refusals.expectFair();
        const pidsAfter = await pids();
        const died = copies.find((_, index) => pidsBefore[index] !== pidsAfter[index]);
        expect(!died, `${died?.program.name} was restarted, or died, when its database did`);
        await expectAllThere(world, accepted);
        return kept(
          `${outcomesOf(report)}; the last error came ${lastErrorMs} ms after the database's return; all ${accepted.length} accepted orders are there`,
          {
            ...figuresOf(report),
            downMs: Math.round(outage.to - outage.from),
            lastErrorMs,
            orders: accepted.length,
          },
        );
      },
    });
  },
};

/** @returns how long after the return the last error came. @throws Broken naming a failure out of time, or not a 503 */
function expectOnlyOutage(report: LoadReport, outage: Outage): number {
  const told = (failure: LoadReport['failures'][number]) =>
    `${((failure.endedAt - outage.to) / 1000).toFixed(1)} s after the database's return: ${failure.what}; in all ${outcomesOf(report)}`;
  const late = report.failures.find(({ endedAt }) => endedAt < outage.from || endedAt > outage.to + GRACE_MS);
  expect(!late, late ? `an error came ${told(late)}` : '');
  const wrong = report.failures.find(({ status }) => status !== 503);
  expect(!wrong, wrong ? `an error other than 503 came ${told(wrong)}` : '');
  return Math.max(0, Math.round((report.failures.at(-1)?.endedAt ?? 0) - outage.to));
}

/** @throws Broken if an order that was accepted is lost */
async function expectAllThere({ running }: World, ids: readonly string[]): Promise<void> {
  const database = await databaseHolding(running, 'orders.orders');
  const [row] = await running.sql<{ n: number }>(
    database,
    'select count(*)::int as n from orders.orders where id = any($1::text::uuid[])',
    { values: [`{${ids.join(',')}}`], as: 'admin' },
  );
  expect(row?.n === ids.length, `${ids.length} orders were accepted, but ${row?.n} are in orders.orders`);
}
