/** Orders that a check places before it breaks something, and looks for afterwards. */
import { randomUUID } from 'node:crypto';
import { eventually, expect, expectStatus } from '../expect.ts';
import type { ShopClient } from './client.ts';
import { describe } from './client.ts';

interface OrderBody {
  readonly id: string;
  readonly createdAt: string;
  readonly items: readonly { readonly productId: number; readonly quantity: number }[];
}

export interface Purchase {
  readonly cookie: string;
  readonly orders: readonly OrderBody[];
}

/** Well stocked, and several: customers who all want the same one wait for each other. */
const BOUGHT_MOST = [1, 2, 11, 21];

/** What customer number `index` of many at once wants. */
export function itemsFor(index: number): readonly { productId: number; quantity: number }[] {
  return [{ productId: BOUGHT_MOST[index % BOUGHT_MOST.length] ?? 1, quantity: 1 }];
}

/** Longest time in which the front door may need to answer as before, once everything runs again. */
const BACK_WITHIN_MS = 20_000;

/** Logs in and places orders at the same moment. @throws Broken unless each is accepted. */
export async function placeOrders(shop: ShopClient, count: number): Promise<Purchase> {
  const cookie = await shop.login();
  const orders = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const items = [{ productId: 1, quantity: index + 1 }];
      const response = await shop.order(cookie, { items, key: randomUUID() });
      expectStatus(response, 201, 202);
      return response.json<OrderBody>();
    }),
  );
  return { cookie, orders };
}

/**
 * Waits until the front door answers again, and then expects session and orders as they were.
 * @returns the milliseconds until then. @throws Broken if anything is lost or changed.
 */
export async function expectStillThere(shop: ShopClient, { cookie, orders }: Purchase): Promise<number> {
  const { ms } = await eventually('an answer from the shop', BACK_WITHIN_MS, async () => {
    const paths = ['/products?limit=1', '/sessions/current', '/orders'];
    const answers = await Promise.all(paths.map(path => shop.get(path, { cookie })));
    const unavailable = answers.find(answer => answer.status >= 500);
    if (unavailable) throw new Error(describe(unavailable));
    return true;
  });
  // One copy may be back while another is not; 503 says come again, and not that anything is lost.
  const answer = async (path: string) => {
    const { value } = await eventually(`an answer to GET ${path}`, BACK_WITHIN_MS, async () => {
      const response = await shop.get(path, { cookie });
      return response.status === 503 ? undefined : response;
    });
    return value;
  };
  const session = await answer('/sessions/current');
  expect(session.status === 200, `the session is lost: ${describe(session)}`);
  for (const order of orders) {
    const response = await answer(`/orders/${order.id}`);
    expect(response.status === 200, `order ${order.id} was accepted and is lost: ${describe(response)}`);
    const now = response.json<OrderBody>();
    expect(
      now.createdAt === order.createdAt && now.items[0]?.quantity === order.items[0]?.quantity,
      `order ${order.id} is not what it was: ${response.text.slice(0, 120)}`,
    );
  }
  return ms;
}
