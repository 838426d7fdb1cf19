import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { exampleOf, send, startServiceDatabase, testSenders } from '#kit/message-testing';
import { signToken } from '#kit/session-token';
import { createApp } from './app.ts';

const PRODUCT = 'shop.shop.ProductChanged.v1';
const ORDER = 'shop.orders.OrderPaid.v1';

const { database, stop } = await startServiceDatabase('search');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const http = await createApp(
  {
    logLevel: 'silent',
    trustProxy: [],
    basePath: '',
    sessionKey: publicKey,
    peers: new Map(),
    senders: testSenders('shop', 'orders'),
  },
  database,
  database,
  { draining: false, check: async () => {} },
);
after(async () => {
  await http.close();
  await stop();
});

const keyboard = {
  productId: 1,
  version: 5,
  name: 'Keyboard',
  description: 'Mechanical, with brown switches',
  priceCents: 7900,
  currency: 'EUR',
  available: 100,
};

async function search(q: string, customerId?: string) {
  const token =
    customerId && signToken(privateKey, { id: customerId, email: '' }, new Date(Date.now() + 60_000));
  const headers = token ? { cookie: `session=${token}` } : {};
  return (await http.inject({ url: `/search?q=${encodeURIComponent(q)}`, headers })).json();
}

test('products are found by how their words begin, in upper or lower case', async () => {
  assert.equal(await send(http, PRODUCT, keyboard), 204);
  for (const q of ['keyb', 'KEYBOARD', 'brown mech', ' switches! ']) {
    assert.deepEqual(
      (await search(q)).products.map((product: { id: number }) => product.id),
      [1],
      q,
    );
  }
  for (const q of ['board', 'keyboard mouse', '&', "'); drop table search.products; --"]) {
    assert.deepEqual((await search(q)).products, [], q);
  }
});

test('an old version does not replace a newer one', async () => {
  await send(http, PRODUCT, { ...keyboard, version: 7, available: 7 });
  await send(http, PRODUCT, { ...keyboard, version: 6, available: 6 });
  await send(http, PRODUCT, { ...keyboard, version: 7, available: 8 });
  assert.equal((await search('keyboard')).products[0].available, 7);
});

test('an order is found by its customer, and by nobody else', async () => {
  const customerId = randomUUID();
  const orderId = randomUUID();
  const order = {
    orderId,
    customerId,
    items: [{ productId: 2, name: 'Mouse', quantity: 1, priceCents: 3900 }],
    totalCents: 3900,
    currency: 'EUR',
    createdAt: '2026-01-31T12:00:00.000Z',
  };
  for (let times = 0; times < 2; times += 1) assert.equal(await send(http, ORDER, order), 204);
  const { customerId: _, orderId: id, ...rest } = order;
  assert.deepEqual((await search('mouse', customerId)).orders, [{ id, ...rest }]);
  assert.equal((await search(orderId, customerId)).orders.length, 1);
  assert.deepEqual((await search('mouse', randomUUID())).orders, []);
  assert.deepEqual((await search('mouse')).orders, []);
});

test('a search without words is a 400', async () => {
  for (const url of ['/search', '/search?q=', `/search?q=${'x'.repeat(101)}`]) {
    assert.equal((await http.inject(url)).statusCode, 400, url);
  }
});

for (const type of [PRODUCT, ORDER]) {
  test(`${type} is understood as its contract has it, with fields of tomorrow`, async () => {
    assert.equal(await send(http, type, await exampleOf(type)), 204);
  });
}
