import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { Problem } from '#kit/problem';
import { createTestHttp, startTestDatabase } from '#kit/testing';
import { createPlaceOrder } from './place.ts';
import { orderRoutes } from './routes.ts';
import { createOrderStore } from './store.ts';

const { database, stop } = await startTestDatabase('orders');
after(stop);

const customers = new Map(['ada', 'bob', 'dan', 'eve', 'kim'].map(name => [name, randomUUID()]));
let taken = 0;
const store = createOrderStore(database);
const place = createPlaceOrder({
  transaction: work => database.transaction(work),
  takeStock: async (_tx, items) => {
    taken++;
    return items.map(item => ({ ...item, name: 'Keyboard', priceCents: 7900 }));
  },
  charge: async (_tx, { paymentMethod }) => {
    if (paymentMethod !== 'card') throw new Problem(402, 'The card was declined; nothing was taken.');
  },
});
const http = createTestHttp();
orderRoutes(http, {
  store,
  place,
  currentCustomer: async request => {
    const name = String(request.headers['x-test-customer']);
    const id = customers.get(name);
    if (!id) throw new Problem(401, 'Sign in first.');
    return { id, email: `${name}@shop.example` };
  },
});

const order = (customer: string, payload: object, headers: Record<string, string> = {}) =>
  http.inject({
    method: 'POST',
    url: '/orders',
    headers: { 'x-test-customer': customer, ...headers },
    payload,
  });
const get = (customer: string, url: string) => http.inject({ url, headers: { 'x-test-customer': customer } });
const keyboards = (quantity: number) => [{ productId: 1, quantity }];

test('an order is paid, priced by the shop, and found at its location', async () => {
  const placed = await order('ada', { items: keyboards(2) });
  assert.equal(placed.statusCode, 201);
  const { id, state, totalCents } = placed.json();
  assert.deepEqual({ state, totalCents }, { state: 'paid', totalCents: 15800 });
  assert.equal(placed.headers.location, `/orders/${id}`);
  assert.deepEqual((await get('ada', `/orders/${id}`)).json(), placed.json());
});

test('nobody sees the order of another', async () => {
  const { id } = (await order('ada', { items: keyboards(1) })).json();
  assert.equal((await get('bob', `/orders/${id}`)).statusCode, 404);
  assert.deepEqual((await get('bob', '/orders')).json(), { items: [], next: null });
  assert.equal((await get('ada', '/orders/not-a-uuid')).statusCode, 404);
  for (const url of ['/orders', `/orders/${id}`]) assert.equal((await http.inject(url)).statusCode, 401);
});

test('pages go from the newest order to the oldest', async () => {
  const ids = [];
  for (let count = 1; count <= 3; count++)
    ids.unshift((await order('eve', { items: keyboards(count) })).json().id);
  assert.equal(new Set(ids).size, 3);
  const first = (await get('eve', '/orders?limit=2')).json();
  const second = (await get('eve', `/orders?limit=2&after=${first.next}`)).json();
  assert.deepEqual(
    [...first.items, ...second.items].map(item => item.id),
    ids,
  );
  assert.equal(second.next, null);
});

test('a page has room for 1 to 100', async () => {
  for (const limit of ['101', '0', '1000000000', 'x']) {
    assert.equal((await get('ada', `/orders?limit=${limit}`)).statusCode, 400);
  }
  assert.equal((await get('ada', '/orders?limit=100')).statusCode, 200);
});

test('a declined card leaves no order', async () => {
  const declined = await order('dan', { items: keyboards(5), paymentMethod: 'declined-test-card' });
  assert.equal(declined.statusCode, 402);
  assert.deepEqual((await get('dan', '/orders')).json().items, []);
});

test('what is no order is refused before anything is taken', async () => {
  const before = taken;
  for (const payload of [
    {},
    { items: [] },
    { items: [{ productId: 1, quantity: 101 }] },
    { items: [{ productId: 1, quantity: '1' }] },
    { items: [{ productId: 1, quantity: 1, priceCents: 1 }] },
    { items: keyboards(1), paymentMethod: 'cash' },
  ]) {
    assert.equal((await order('ada', payload)).statusCode, 400);
  }
  assert.equal(taken, before);
  assert.equal(
    (await http.inject({ method: 'POST', url: '/orders', payload: { items: keyboards(1) } })).statusCode,
    401,
  );
});

test('the same key at the same time, ten times: one order, ten times the same answer', async () => {
  const before = taken;
  const again = () => order('kim', { items: keyboards(1) }, { 'idempotency-key': 'a' });
  const answers = await Promise.all(Array.from({ length: 10 }, again));
  assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([201]));
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
  assert.equal(taken, before + 1);
  assert.equal((await get('kim', '/orders')).json().items.length, 1);
});

test('a key stands for one request of one customer', async () => {
  const key = { 'idempotency-key': 'b' };
  const first = await order('kim', { items: keyboards(1) }, key);
  assert.equal((await order('kim', { items: keyboards(2) }, key)).statusCode, 422);
  assert.equal((await order('ada', { items: keyboards(2) }, key)).statusCode, 201);
  // The default, spelt out, is the same request.
  const same = await order('kim', { items: keyboards(1), paymentMethod: 'card' }, key);
  assert.equal(same.json().id, first.json().id);
});

test('a key of an order that came to nothing is free again', async () => {
  const key = { 'idempotency-key': 'c' };
  const items = keyboards(1);
  assert.equal((await order('kim', { items, paymentMethod: 'declined-test-card' }, key)).statusCode, 402);
  assert.equal((await order('kim', { items }, key)).statusCode, 201);
});
