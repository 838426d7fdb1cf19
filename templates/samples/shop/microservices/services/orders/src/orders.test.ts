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
import { signToken } from '#kit/session-token';
import { createApp } from './app.ts';

const { database, stop } = await startServiceDatabase('orders');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
// Nobody listens there: what is sent stays in the outbox, where the tests look.
const peers = ['shop', 'payments', 'search', 'receipts'].map(
  name => [name, { name, url: 'http://127.0.0.1:1', key: name, breaker: new Breaker() }] as const,
);
const http = await createApp(
  {
    logLevel: 'silent',
    trustProxy: [],
    basePath: '/api',
    sessionKey: publicKey,
    deadlineSeconds: 900,
    peers: new Map(peers),
    senders: testSenders('shop', 'payments', 'search'),
  },
  database,
  database,
  { draining: false, check: async () => {} },
);
after(async () => {
  await http.close();
  await stop();
});

const cookieOf = (id: string) =>
  `session=${signToken(privateKey, { id, email: 'ada@shop.example' }, new Date(Date.now() + 60_000))}`;
const cookie = cookieOf(randomUUID());
const items = [
  { productId: 1, quantity: 2 },
  { productId: 11, quantity: 1 },
];
const priced = [
  { productId: 1, quantity: 2, name: 'Keyboard', priceCents: 7900 },
  { productId: 11, quantity: 1, name: 'USB-C cable', priceCents: 1500 },
];

const post = (payload: object, headers: Record<string, string> = { cookie }) =>
  http.inject({ method: 'POST', url: '/api/orders', headers, payload });

async function placed(): Promise<string> {
  return (await post({ items })).json().id;
}

async function stateOf(id: string) {
  const { rows } = await database.query<{ state: string; reason: string | null }>(
    'select state, reason from orders.orders where id = $1',
    [id],
  );
  return rows[0];
}

/** Sends the message twice as one message, and once more as another: that must be as good as once. */
async function sendThrice(type: string, orderId: string, data: object = {}): Promise<void> {
  const id = randomUUID();
  for (const sending of [{ id }, { id }, {}]) {
    assert.equal(await send(http, type, { orderId, ...data }, sending), 204);
  }
}

const reserve = (id: string) =>
  sendThrice('shop.shop.StockReserved.v1', id, { items: priced, totalCents: 17300, currency: 'EUR' });

test('an order is accepted at once, and the shop is asked for the goods', async () => {
  const answer = await post({ items });
  assert.equal(answer.statusCode, 202);
  const { id, state, totalCents } = answer.json();
  assert.equal(answer.headers.location, `/api/orders/${id}`);
  assert.deepEqual({ state, totalCents }, { state: 'placed', totalCents: null });
  assert.deepEqual(await sentAbout(database, id), ['shop: ReserveStock']);
  const found = await http.inject({ url: `/api/orders/${id}`, headers: { cookie } });
  assert.deepEqual(found.json(), answer.json());
});

test('the same key is the same order, and the goods are asked for once', async () => {
  const headers = { cookie, 'idempotency-key': randomUUID() };
  const [first, second] = [await post({ items }, headers), await post({ items }, headers)];
  assert.equal(second.statusCode, 202);
  assert.deepEqual(second.json(), first.json());
  assert.deepEqual(await sentAbout(database, first.json().id), ['shop: ReserveStock']);
  assert.equal((await post({ items: items.slice(1) }, headers)).statusCode, 422);
});

test('only who is signed in may order, and nobody sees the order of another', async () => {
  assert.equal((await post({ items }, {})).statusCode, 401);
  assert.equal((await http.inject('/api/orders')).statusCode, 401);
  assert.equal((await post({ items }, { cookie: `${cookie}x` })).statusCode, 401);
  const url = `/api/orders/${await placed()}`;
  assert.equal((await http.inject({ url, headers: { cookie: cookieOf(randomUUID()) } })).statusCode, 404);
});

test('pages go from the newest order to the oldest', async () => {
  const headers = { cookie: cookieOf(randomUUID()) };
  const page = async (search: string) =>
    (await http.inject({ url: `/api/orders?${search}`, headers })).json();
  const ids: string[] = [];
  for (let count = 1; count <= 3; count++) ids.unshift((await post({ items }, headers)).json().id);
  assert.equal(new Set(ids).size, 3);
  const first = await page('limit=2');
  const second = await page(`limit=2&after=${first.next}`);
  assert.deepEqual(
    [...first.items, ...second.items].map(item => item.id),
    ids,
  );
  assert.equal(second.next, null);
});

test('what is no order is refused before anything is written', async () => {
  const headers = { cookie: cookieOf(randomUUID()) };
  for (const payload of [
    {},
    { items: [] },
    { items: [{ productId: 1, quantity: 101 }] },
    { items: [{ productId: 1, quantity: '1' }] },
    { items: [{ productId: 1, quantity: 1, priceCents: 1 }] },
    { items, paymentMethod: 'cash' },
  ]) {
    assert.equal((await post(payload, headers)).statusCode, 400);
  }
  assert.deepEqual((await http.inject({ url: '/api/orders', headers })).json().items, []);
});

test('reserved, paid, completed', async () => {
  const id = await placed();
  await reserve(id);
  assert.equal((await stateOf(id))?.state, 'reserved');
  const order = (await http.inject({ url: `/api/orders/${id}`, headers: { cookie } })).json();
  assert.deepEqual(order.items, priced);
  assert.equal(order.totalCents, 17300);

  await sendThrice('shop.payments.PaymentCaptured.v1', id);
  assert.equal((await stateOf(id))?.state, 'paid');
  await sendThrice('shop.shop.StockCommitted.v1', id);
  assert.equal((await stateOf(id))?.state, 'completed');
  assert.deepEqual(await sentAbout(database, id), [
    'payments: ChargePayment',
    'receipts: OrderPaid',
    'search: OrderPaid',
    'shop: CommitStock',
    'shop: ReserveStock',
  ]);
});

test('without stock the order is rejected', async () => {
  const id = await placed();
  await sendThrice('shop.shop.StockRefused.v1', id, { reason: 'out_of_stock' });
  assert.deepEqual(await stateOf(id), { state: 'rejected', reason: 'out_of_stock' });
  assert.deepEqual(await sentAbout(database, id), ['shop: ReserveStock']);
});

test('a declined card gives the goods back', async () => {
  const id = await placed();
  await reserve(id);
  await sendThrice('shop.payments.PaymentDeclined.v1', id);
  assert.deepEqual(await stateOf(id), { state: 'cancelled', reason: 'payment_declined' });
  assert.ok((await sentAbout(database, id)).includes('shop: ReleaseStock'));
});

async function expired(): Promise<string> {
  const id = await placed();
  await reserve(id);
  await database.query(`update orders.orders set deadline_at = now() - interval '1 second' where id = $1`, [
    id,
  ]);
  for (let tries = 0; (await stateOf(id))?.state !== 'cancelling'; tries += 1) {
    assert.ok(tries < 100, 'the deadline passed, and nothing happened');
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return id;
}

test('after its deadline an order is taken back, and a charge that was not sent is not sent any more', async () => {
  const id = await expired();
  assert.deepEqual(await sentAbout(database, id), ['payments: CancelPayment', 'shop: ReserveStock']);
  await sendThrice('shop.payments.PaymentCancelled.v1', id);
  assert.deepEqual(await stateOf(id), { state: 'cancelled', reason: 'deadline' });
  assert.ok((await sentAbout(database, id)).includes('shop: ReleaseStock'));
});

test('money that was faster than the deadline wins', async () => {
  const id = await expired();
  await sendThrice('shop.payments.PaymentCaptured.v1', id);
  assert.deepEqual(await stateOf(id), { state: 'paid', reason: null });
  await sendThrice('shop.payments.PaymentCancelled.v1', id);
  assert.equal((await stateOf(id))?.state, 'paid');
});

test('a message that comes too late changes nothing', async () => {
  const id = await placed();
  await sendThrice('shop.shop.StockRefused.v1', id, { reason: 'out_of_stock' });
  await reserve(id);
  await sendThrice('shop.payments.PaymentCaptured.v1', id);
  assert.equal((await stateOf(id))?.state, 'rejected');
});

test('a rebuild of the index gets every paid order', async () => {
  const id = await placed();
  await reserve(id);
  await sendThrice('shop.payments.PaymentCaptured.v1', id);
  assert.equal(await send(http, 'shop.search.OrdersWanted.v1', {}), 204);
  const toSearch = (await sentAbout(database, id)).filter(line => line === 'search: OrderPaid');
  assert.equal(toSearch.length, 2);
});

for (const type of [
  'shop.shop.StockReserved.v1',
  'shop.shop.StockRefused.v1',
  'shop.shop.StockCommitted.v1',
  'shop.payments.PaymentCaptured.v1',
  'shop.payments.PaymentDeclined.v1',
  'shop.payments.PaymentCancelled.v1',
  'shop.search.OrdersWanted.v1',
]) {
  test(`${type} is understood as its contract has it, with fields of tomorrow`, async () => {
    assert.equal(await send(http, type, await exampleOf(type)), 204);
  });
}

test('every message that was written keeps to its contract', async () => {
  assert.deepEqual(await contractBreaches(database), []);
});
