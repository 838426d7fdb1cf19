/** The modules together: what placing an order does in each of them, or undoes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestDatabase } from '#kit/testing';
import { createApp } from './app.ts';
import { seedDemoCustomer } from './sessions/seed.ts';
import { createSessionStore } from './sessions/store.ts';

const { database, stop } = await startTestDatabase('products', 'sessions', 'orders', 'payments');
after(stop);
await seedDemoCustomer(createSessionStore(database), 'open sesame');
const http = await createApp(
  { logLevel: 'silent', trustProxy: [], basePath: '/api', cookieSecure: false },
  database,
  { draining: false, check: () => database.ping() },
);
const customers = await database.query<{ email: string }>('select email from sessions.customers');
const signedIn = await http.inject({
  method: 'POST',
  url: '/api/sessions',
  payload: { ...customers.rows[0], password: 'open sesame' },
});
const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';

const order = (payload: object, key?: string) =>
  http.inject({
    method: 'POST',
    url: '/api/orders',
    headers: { cookie, ...(key && { 'idempotency-key': key }) },
    payload,
  });

// Products of the tests' own: whatever else is sold, they are there.
const added = await database.query<{ id: number }>(
  `insert into products.products (name, description, price_cents, available)
   select 'For tests', '', 7900, unnest(array[1000, 1000, 0]) returning id`,
);
const [goods = 0, more = 0, soldOut = 0] = added.rows.map(({ id }) => id);

async function count(): Promise<unknown> {
  const { rows } = await database.query(
    `select (select sum(available) from products.products)::integer as stock,
       (select count(*) from orders.orders)::integer as orders,
       (select count(*) from orders.order_items)::integer as items,
       (select count(*) from orders.idempotency_keys)::integer as keys,
       (select count(*) from payments.payments)::integer as payments`,
  );
  return rows[0];
}

test('an order takes the stock and the money', async () => {
  const before = await count();
  const placed = await order({ items: [{ productId: goods, quantity: 2 }] });
  assert.equal(placed.statusCode, 201);
  assert.equal(placed.headers.location, `/api/orders/${placed.json().id}`);
  const after = await count();
  assert.notDeepEqual(after, before);
  const { rows } = await database.query('select amount_cents from payments.payments where order_id = $1', [
    placed.json().id,
  ]);
  assert.deepEqual(rows, [{ amount_cents: 15800 }]);
});

for (const [what, payload, status] of [
  [
    'a declined card',
    { items: [{ productId: goods, quantity: 1 }], paymentMethod: 'declined-test-card' },
    402,
  ],
  [
    'a product that is sold out',
    { items: [goods, soldOut].map(productId => ({ productId, quantity: 1 })) },
    409,
  ],
  [
    'a product that there is not',
    { items: [goods, soldOut + 1].map(productId => ({ productId, quantity: 1 })) },
    422,
  ],
] as const) {
  test(`${what} leaves everything as it was`, async () => {
    const before = await count();
    assert.equal((await order(payload, what)).statusCode, status);
    assert.deepEqual(await count(), before);
  });
}

test('many orders at once, for the same products in any order, all come through', async () => {
  const items = [goods, more].map(productId => ({ productId, quantity: 1 }));
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => order({ items: index % 2 ? items : items.toReversed() })),
  );
  assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([201]));
});
