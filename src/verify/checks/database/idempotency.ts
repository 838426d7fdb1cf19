import { randomUUID } from 'node:crypto';
import { expect, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { burst } from '../../load/burst.ts';
import { databaseHolding } from '../../system/nodes.ts';

const TIMES = 10;

export const databaseIdempotency: Guarantee = {
  id: 'database.idempotency',
  lines: ['C7'],
  title: 'the same Idempotency-Key gives one order',
  from: 'database',
  async check({ running, shop }) {
    const cookie = await shop.login();
    const database = await databaseHolding(running, 'orders.orders');
    const count = async (): Promise<number> => {
      const rows = await running.sql<{ n: number }>(
        database,
        'select count(*)::int as n from orders.orders',
        {
          as: 'admin',
        },
      );
      return rows[0]?.n ?? 0;
    };
    const before = await count();
    const key = randomUUID();
    const items = [{ productId: 1, quantity: 3 }];
    const samples = await burst(TIMES, () => shop.order(cookie, { items, key }));
    const ids = samples.map(({ response, failure }) => {
      expect(response, `POST /orders with a key that is in use failed: ${failure}`);
      expectStatus(response, 201, 202);
      return response.json<{ id: string }>().id;
    });
    const later = await shop.order(cookie, { items, key });
    expectStatus(later, 201, 202);
    const distinct = new Set([...ids, later.json<{ id: string }>().id]);
    expect(distinct.size === 1, `${TIMES} requests with one key gave ${distinct.size} different orders`);
    const rows = (await count()) - before;
    expect(rows === 1, `${TIMES} requests with one key made ${rows} rows in orders.orders, not 1`);
    const own = (await shop.get('/orders', { cookie })).json<{ items: { id: string }[] }>();
    const listed = own.items.filter(order => distinct.has(order.id)).length;
    expect(listed === 1, `GET /orders lists the order ${listed} times`);
    const other = await shop.order(cookie, { items: [{ productId: 1, quantity: 4 }], key });
    expect(other.status === 422, `${describe(other)} for a used key with another body, not 422`);
    return kept(`${TIMES} at once and 1 later made one order; another body with the key is refused`, {
      requests: TIMES + 2,
      orders: rows,
    });
  },
};
