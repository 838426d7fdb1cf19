import { eventually, expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpClient } from '../../http/client.ts';
import { orderState, stockOf } from '../../http/saga.ts';
import { load, tally, worstMs } from '../../load/burst.ts';
import { copiesOf, killAll, programs, startAll } from '../../system/nodes.ts';

const QUANTITY = 7;
const ACCEPTED_WITHIN_MS = 2_000;
/** The order's deadline, which verify shortens to a few seconds, and the sweep that looks for it. */
const CANCELLING_WITHIN_MS = 15_000;
/** Orders asks a service that was down again after a few seconds only, and each time a little later. */
const CANCELLED_WITHIN_MS = 20_000;
const STOCK_BACK_WITHIN_MS = 8_000;

export const microservicesPartDown: Guarantee = {
  id: 'microservices.part-down',
  title: 'with payments down, products still answer, and an order fails cleanly',
  from: 'microservices',
  limitMs: 60_000,
  async check(world) {
    const { running, blueprint, shop } = world;
    const payments = programs(blueprint)
      .filter(program => program.name === 'payments')
      .flatMap(copiesOf);
    expect(payments.length > 0, 'the project has no payments service');
    const cookie = await shop.login();
    const stock = await stockOf(shop, 1);
    let figures = {};
    let id = '';
    try {
      await killAll(running, payments);
      const order = await shop.order(cookie, { items: [{ productId: 1, quantity: QUANTITY }] });
      expect(order.status === 202, `${describe(order)} with payments down, not 202`);
      expect(
        order.ms <= ACCEPTED_WITHIN_MS,
        `with payments down an order took ${Math.round(order.ms)} ms to be accepted`,
      );
      id = order.json<{ id: string }>().id;
      const browsing = await browse(shop);
      const cancelling = await reached(shop, cookie, id, ['cancelling', 'cancelled'], CANCELLING_WITHIN_MS);
      figures = { acceptedMs: Math.round(order.ms), cancellingMs: cancelling, ...browsing };
    } finally {
      await startAll(running, payments);
    }
    const cancelledMs = await reached(shop, cookie, id, ['cancelled'], CANCELLED_WITHIN_MS);
    await eventually('the return of the stock', STOCK_BACK_WITHIN_MS, async () => {
      const now = await stockOf(shop, 1);
      if (now !== stock) throw new Error(`it is ${now}, and was ${stock}`);
      return true;
    });
    await expectNotCharged(world, id);
    return kept(
      'products answered throughout; the order was cancelled, its stock came back, nothing was charged',
      {
        ...figures,
        cancelledMs,
      },
    );
  },
};

async function browse(shop: HttpClient): Promise<{ productRequests: number; worstProductMs: number }> {
  const samples = await load({
    clients: 4,
    goOn: sent => sent < 60,
    send: async () => {
      await sleep(10);
      return await shop.get('/products?limit=5');
    },
  });
  expect(
    samples.every(sample => sample.status === 200),
    `with payments down, GET /products: ${tally(samples)}`,
  );
  return { productRequests: samples.length, worstProductMs: worstMs(samples) };
}

async function reached(
  shop: HttpClient,
  cookie: string,
  id: string,
  states: readonly string[],
  withinMs: number,
): Promise<number> {
  const { ms } = await eventually(
    `order ${id} ${states[0]}`,
    withinMs,
    async () => {
      const state = await orderState(shop, cookie, id);
      if (!states.includes(state)) throw new Error(`it is ${state}`);
      return true;
    },
    100,
  );
  return ms;
}

/** The order's own row in payments, if there is one, must say that no money was taken. */
async function expectNotCharged({ running, blueprint }: World, id: string): Promise<void> {
  const database = blueprint.databases.find(each => each.name === 'payments');
  if (!database) return;
  const rows = await running.sql<{ row: string }>(
    database.name,
    'select row_to_json(p)::text as row from payments.payments p where order_id = $1',
    { values: [id], as: 'admin' },
  );
  const charged = rows.find(({ row }) => /"(captured|paid|charged|succeeded)"/.test(row));
  expect(!charged, `order ${id} is cancelled, and yet was charged: ${charged?.row}`);
}
