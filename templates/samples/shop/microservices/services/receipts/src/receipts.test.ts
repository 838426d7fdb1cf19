import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { openDatabase } from '#kit/database';
import { exampleOf, send, startServiceDatabase, testSenders } from '#kit/message-testing';
import { createApp } from './app.ts';
import { mailUrl, receiptText } from './mail.ts';
import { installQueue } from './queue-tables.ts';
import type { PaidOrder } from './store.ts';

const ORDER = 'shop.orders.OrderPaid.v1';

const { database, app, owner, stop } = await startServiceDatabase('receipts');
const asOwner = openDatabase(owner);
await installQueue(asOwner, owner, app.user);
await installQueue(asOwner, owner, app.user);
await asOwner.close();

const sent: string[] = [];
let refuse = false;
let hung: Promise<void> | undefined;
const mailer = {
  send: async ({ orderId }: PaidOrder) => {
    if (refuse) throw new Error('the mail server is away');
    await hung;
    sent.push(orderId);
  },
  close: () => {},
};
const http = await createApp(
  { logLevel: 'silent', trustProxy: [], senders: testSenders('orders'), mailer },
  database,
  app,
  { draining: false, check: async () => {} },
);
await http.ready();
after(async () => {
  await http.close();
  await stop();
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    assert.ok(tries < 300, `not ${what} in time`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

const paid = async () => ({ ...(await exampleOf(ORDER)), orderId: randomUUID() }) as PaidOrder;

async function isNoted(orderId: string): Promise<boolean> {
  const { rowCount } = await database.query(
    'select from receipts.receipts where order_id = $1 and sent_at is not null',
    [orderId],
  );
  return rowCount === 1;
}

test('a paid order gets one receipt, however often it is told', async () => {
  const order = await paid();
  const id = randomUUID();
  for (const sending of [{ id }, { id }, {}]) assert.equal(await send(http, ORDER, order, sending), 204);
  await until('sent', () => isNoted(order.orderId));
  assert.equal(await send(http, ORDER, order), 204);
  assert.equal(sent.filter(orderId => orderId === order.orderId).length, 1);
});

test('a mail server that is away does not hold up the sale; the receipt follows', async () => {
  refuse = true;
  const order = await paid();
  assert.equal(await send(http, ORDER, order), 204);
  await until('tried', async () => {
    const { rowCount } = await database.query(
      'select from graphile_worker.jobs where last_error is not null',
    );
    return rowCount === 1;
  });
  refuse = false;
  await until('sent', () => isNoted(order.orderId));
});

test('the job of a worker that died is done by another', async () => {
  refuse = true;
  const order = await paid();
  assert.equal(await send(http, ORDER, order), 204);
  await until('tried', async () => {
    const { rowCount } = await database.query(
      'select from graphile_worker.jobs where key = $1 and attempts > 0',
      [order.orderId],
    );
    return rowCount === 1;
  });
  // As a program leaves it that is killed in the middle of sending.
  await database.query(
    `update graphile_worker._private_jobs set locked_by = 'a dead worker', locked_at = now() - interval '31 seconds',
       run_at = now() where key = $1`,
    [order.orderId],
  );
  refuse = false;
  await until('sent', () => isNoted(order.orderId));
});

test('the job of a worker that is alive stays its own, however long it takes', async () => {
  let goOn = () => {};
  hung = new Promise(resolve => {
    goOn = resolve;
  });
  const order = await paid();
  assert.equal(await send(http, ORDER, order), 204);
  const lockedLongAgo = async (condition: string) => {
    const { rowCount } = await database.query(
      `update graphile_worker._private_jobs set locked_at = now() - interval '1 minute' where key = $1 and ${condition}`,
      [order.orderId],
    );
    return rowCount === 1;
  };
  await until('taken', () => lockedLongAgo('locked_at is not null'));
  // One heartbeat later.
  await new Promise(resolve => setTimeout(resolve, 6_000));
  assert.ok(await lockedLongAgo('locked_at is not null'), 'it was taken from a worker that is alive');
  goOn();
  hung = undefined;
  await until('sent', () => isNoted(order.orderId));
  assert.equal(sent.filter(orderId => orderId === order.orderId).length, 1);
});

test('a job whose end cannot be noted does not end the program, and others are done after it', async () => {
  let goOn = () => {};
  hung = new Promise(resolve => {
    goOn = resolve;
  });
  const order = await paid();
  assert.equal(await send(http, ORDER, order), 204);
  await until('taken', async () => {
    const { rowCount } = await database.query(
      'select from graphile_worker.jobs where key = $1 and locked_at is not null',
      [order.orderId],
    );
    return rowCount === 1;
  });
  const asOwner = openDatabase(owner);
  await asOwner.query('alter table graphile_worker._private_jobs rename to away');
  goOn();
  hung = undefined;
  await until('sent', () => isNoted(order.orderId));
  await new Promise(resolve => setTimeout(resolve, 500));
  await asOwner.query('alter table graphile_worker.away rename to _private_jobs');
  await asOwner.close();
  const next = await paid();
  assert.equal(await send(http, ORDER, next), 204);
  await until('sent', () => isNoted(next.orderId));
  assert.equal(sent.filter(orderId => orderId === order.orderId).length, 1);
});

test('the receipt names what was bought, and what it cost', async () => {
  const text = receiptText((await exampleOf(ORDER)) as PaidOrder);
  assert.match(text, /^2 x Keyboard: 158\.00 EUR$/m);
  assert.match(text, /^Total: 158\.00 EUR$/m);
});

test('an address that is none is refused when the program starts', () => {
  assert.equal(mailUrl('smtp://mail:1025'), 'smtp://mail:1025');
  assert.throws(() => mailUrl('mail:1025'), /must look like/);
});
