import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
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
import { createApp } from './app.ts';
import type { CardProvider } from './provider.ts';

const CHARGE = 'shop.orders.ChargePayment.v1';
const CANCEL = 'shop.orders.CancelPayment.v1';

const { database, stop } = await startServiceDatabase('payments');
/** Approves what the test lets it approve, and counts. */
const asked: string[] = [];
let away = false;
const provider: CardProvider = {
  charge: async ({ orderId, paymentMethod }) => {
    asked.push(orderId);
    if (away) throw new Error('the provider is away');
    return paymentMethod === 'card' ? `reference-${orderId}` : undefined;
  },
};
// Nobody listens there: what is sent stays in the outbox, where the tests look.
const orders = { name: 'orders', url: 'http://127.0.0.1:1', key: 'orders', breaker: new Breaker() };
const http = await createApp(
  {
    logLevel: 'silent',
    trustProxy: [],
    provider,
    peers: new Map([['orders', orders]]),
    senders: testSenders('orders'),
  },
  database,
  database,
  { draining: false, check: async () => {} },
);
after(async () => {
  await http.close();
  await stop();
});

async function sendTwice(type: string, orderId: string, more: object = {}): Promise<void> {
  for (let times = 0; times < 2; times += 1) assert.equal(await send(http, type, { orderId, ...more }), 204);
}

const charge = (orderId: string, paymentMethod = 'card') =>
  sendTwice(CHARGE, orderId, { amountCents: 17300, currency: 'EUR', paymentMethod });

async function settled(orderId: string) {
  for (let tries = 0; tries < 100; tries += 1) {
    const { rows } = await database.query<{ state: string; provider_reference: string | null }>(
      'select state, provider_reference from payments.payments where order_id = $1',
      [orderId],
    );
    if (rows[0] && rows[0].state !== 'pending') return rows[0];
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error('the payment stays pending');
}

test('a charge is taken once, however often it is asked for', async () => {
  const id = randomUUID();
  await charge(id);
  assert.deepEqual(await settled(id), { state: 'captured', provider_reference: `reference-${id}` });
  await charge(id);
  assert.equal(asked.filter(orderId => orderId === id).length, 1);
  assert.ok((await sentAbout(database, id)).every(line => line === 'orders: PaymentCaptured'));
});

test('a declined card takes nothing', async () => {
  const id = randomUUID();
  await charge(id, 'declined-test-card');
  assert.equal((await settled(id)).state, 'declined');
  assert.ok((await sentAbout(database, id)).includes('orders: PaymentDeclined'));
});

test('a cancellation that comes first wins: the late charge finds it', async () => {
  const id = randomUUID();
  await sendTwice(CANCEL, id);
  await charge(id);
  assert.equal((await settled(id)).state, 'cancelled');
  assert.ok(!asked.includes(id));
  assert.deepEqual(new Set(await sentAbout(database, id)), new Set(['orders: PaymentCancelled']));
});

test('a cancellation that comes after the money is told so', async () => {
  const id = randomUUID();
  await charge(id);
  await settled(id);
  await sendTwice(CANCEL, id);
  assert.equal((await settled(id)).state, 'captured');
  assert.deepEqual(new Set(await sentAbout(database, id)), new Set(['orders: PaymentCaptured']));
});

test('while the provider is away the charge waits, and a cancellation waits for its outcome', async () => {
  const id = randomUUID();
  away = true;
  await charge(id);
  await sendTwice(CANCEL, id);
  assert.deepEqual(await sentAbout(database, id), []);
  away = false;
  assert.equal((await settled(id)).state, 'captured');
  assert.deepEqual(await sentAbout(database, id), ['orders: PaymentCaptured']);
});

for (const type of [CHARGE, CANCEL]) {
  test(`${type} is understood as its contract has it, with fields of tomorrow`, async () => {
    assert.equal(await send(http, type, await exampleOf(type)), 204);
  });
}

test('every message that was written keeps to its contract', async () => {
  assert.deepEqual(await contractBreaches(database), []);
});
