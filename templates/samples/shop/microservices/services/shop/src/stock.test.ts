import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { Breaker } from '#kit/breaker';
import {
  contractBreaches,
  exampleOf,
  send,
  sentAbout,
  startServiceDatabase,
  testSenders,
} from '#kit/message-testing';
import { readToken } from '#kit/session-token';
import { createApp } from './app.ts';
import { seedDemoCustomer } from './sessions/seed.ts';
import { createSessionStore } from './sessions/store.ts';

const RESERVE = 'shop.orders.ReserveStock.v1';
const COMMIT = 'shop.orders.CommitStock.v1';
const RELEASE = 'shop.orders.ReleaseStock.v1';

const { database, stop } = await startServiceDatabase('products', 'sessions');
await seedDemoCustomer(createSessionStore(database), 'open sesame');
// Products of the tests' own: whatever else is sold, they are there.
const added = await database.query<{ id: number }>(
  `insert into products.products (name, description, price_cents, available)
   select 'Goods ' || available, 'For tests', 7900, available from unnest(array[100, 99, 98, 97, 96, 0]) as available
   returning id`,
);
const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, soldOut = 0] = added.rows.map(({ id }) => id);
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
// Nobody listens there: what is sent stays in the outbox, where the tests look.
const peers = ['orders', 'search'].map(
  name => [name, { name, url: 'http://127.0.0.1:1', key: name, breaker: new Breaker() }] as const,
);
const http = await createApp(
  {
    logLevel: 'silent',
    trustProxy: [],
    basePath: '',
    cookieSecure: false,
    sessionKey: privateKey,
    peers: new Map(peers),
    senders: testSenders('orders', 'search'),
  },
  database,
  database,
  { draining: false, check: async () => {} },
);
await http.ready();
after(async () => {
  await http.close();
  await stop();
});

async function stockOf(productId: number): Promise<number> {
  return (await http.inject(`/products/${productId}`)).json().available;
}

/** Sends the message twice as one message, and once more as another: that must be as good as once. */
async function sendThrice(type: string, orderId: string, more: object = {}): Promise<void> {
  const id = randomUUID();
  for (const sending of [{ id }, { id }, {}]) {
    assert.equal(await send(http, type, { orderId, ...more }, sending), 204);
  }
}

const reserve = (orderId: string, ...items: [productId: number, quantity: number][]) =>
  sendThrice(RESERVE, orderId, { items: items.map(([productId, quantity]) => ({ productId, quantity })) });

test('goods are put aside once, at the prices of the shop', async () => {
  const id = randomUUID();
  await reserve(id, [second, 1], [first, 2]);
  assert.deepEqual([await stockOf(first), await stockOf(second)], [98, 98]);
  const { rows } = await database.query<{ data: object }>(
    `select body::json->'data' as data from messages.outbox where subject = $1 and type like '%StockReserved%'`,
    [id],
  );
  assert.deepEqual(rows[0]?.data, {
    orderId: id,
    items: [
      { productId: second, quantity: 1, name: 'Goods 99', priceCents: 7900 },
      { productId: first, quantity: 2, name: 'Goods 100', priceCents: 7900 },
    ],
    totalCents: 23_700,
    currency: 'EUR',
  });
});

test('what is released can be sold again, once', async () => {
  const id = randomUUID();
  const before = await stockOf(second);
  await reserve(id, [second, 3], [second, 1]);
  assert.equal(await stockOf(second), before - 4);
  await sendThrice(RELEASE, id);
  assert.equal(await stockOf(second), before);
});

test('what is sold stays sold', async () => {
  const id = randomUUID();
  const before = await stockOf(third);
  await reserve(id, [third, 1]);
  await sendThrice(COMMIT, id);
  await sendThrice(RELEASE, id);
  assert.equal(await stockOf(third), before - 1);
  assert.ok((await sentAbout(database, id)).includes('orders: StockCommitted'));
});

for (const [reason, item] of [
  ['out_of_stock', [soldOut, 1]],
  ['unknown_product', [soldOut + 1, 1]],
] as const) {
  test(`${reason}: nothing is put aside, and orders is told`, async () => {
    const id = randomUUID();
    const before = await stockOf(fourth);
    await reserve(id, [fourth, 1], [...item]);
    assert.equal(await stockOf(fourth), before);
    assert.ok((await sentAbout(database, id)).every(line => line === 'orders: StockRefused'));
    await sendThrice(RELEASE, id);
    assert.equal(await stockOf(fourth), before);
  });
}

test('a release that comes first wins: the late reservation finds it', async () => {
  const id = randomUUID();
  const before = await stockOf(fifth);
  await sendThrice(RELEASE, id);
  await reserve(id, [fifth, 1]);
  assert.equal(await stockOf(fifth), before);
  assert.ok(!(await sentAbout(database, id)).includes('orders: StockReserved'));
});

async function publishedVersions(productId: number): Promise<number[]> {
  const { rows } = await database.query<{ version: number }>(
    `select (body::json->'data'->>'version')::integer as version from messages.outbox
      where destination = 'search' and subject = $1 order by 1`,
    [String(productId)],
  );
  return rows.map(row => row.version);
}

async function untilPublished(productId: number, count: number): Promise<number[]> {
  for (let tries = 0; ; tries += 1) {
    const versions = await publishedVersions(productId);
    if (versions.length >= count) return versions;
    assert.ok(tries < 100, `product ${productId} was published ${versions.length} times, not ${count}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

test('search is told of every product, of every change, and of all when it asks', async () => {
  assert.deepEqual(await untilPublished(soldOut, 1), [1]);
  await database.query('update products.products set price_cents = 6800 where id = $1', [soldOut]);
  assert.deepEqual(await untilPublished(soldOut, 2), [1, 2]);
  assert.equal(await send(http, 'shop.search.ProductsWanted.v1', {}), 204);
  assert.deepEqual(await untilPublished(soldOut, 3), [1, 2, 2]);
});

test('the session is a token that other services can check', async () => {
  const { rows } = await database.query<{ email: string }>('select email from sessions.customers');
  const payload = { ...rows[0], password: 'open sesame' };
  const answer = await http.inject({ method: 'POST', url: '/sessions', payload });
  const token = /^session=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? '';
  const { id, email } = answer.json().customer;
  assert.deepEqual(readToken(publicKey, token), { id, email });
  const current = await http.inject({ url: '/sessions/current', headers: { cookie: `session=${token}` } });
  assert.deepEqual(current.json(), answer.json());
});

for (const type of [RESERVE, COMMIT, RELEASE, 'shop.search.ProductsWanted.v1']) {
  test(`${type} is understood as its contract has it, with fields of tomorrow`, async () => {
    assert.equal(await send(http, type, await exampleOf(type)), 204);
  });
}

test('every message that was written keeps to its contract', async () => {
  assert.deepEqual(await contractBreaches(database), []);
});
