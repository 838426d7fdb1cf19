import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Breaker } from '#kit/breaker';
import type { Peer } from '#kit/deliver';
import { createOutbox } from '#kit/outbox';
import { addRelay } from '#kit/relay';
import { isSigned } from '#kit/signature';
import { createTestHttp, startTestDatabase } from '#kit/testing';

const { database, stop } = await startTestDatabase('messages');

/** A peer that answers what the test wants, and remembers what came. */
const received: { id: string; signed: boolean }[] = [];
let answer = 204;
let delayMs = 0;
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  received.push({ id: JSON.parse(body).id, signed: isSigned(['a key'], request.headers, body) });
  await sleep(delayMs);
  response.writeHead(answer).end();
});
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const peers = new Map<string, Peer>([
  ['orders', { name: 'orders', url, key: 'a key', breaker: new Breaker() }],
]);
const outbox = createOutbox('shop', peers.keys());
const http = createTestHttp();
const relay = addRelay(http, database, peers);
await http.ready();
after(async () => {
  server.closeAllConnections();
  server.close();
  await http.close();
  await stop();
});

beforeEach(() => {
  received.length = 0;
  answer = 204;
  delayMs = 0;
});

async function emit(subject: string, to = 'orders'): Promise<void> {
  await database.transaction(tx => outbox.emit(tx, { to, type: 'shop.shop.Test.v1', subject, data: {} }));
  relay.nudge();
}

async function rowOf(subject: string) {
  const { rows } = await database.query<{
    attempts: number;
    delivered: boolean;
    parked: boolean;
    error: string;
  }>(
    `select attempts, delivered_at is not null as delivered, parked_at is not null as parked, last_error as error
       from messages.outbox where subject = $1`,
    [subject],
  );
  return rows[0];
}

async function until(what: string, holds: () => Promise<boolean | undefined>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    assert.ok(tries < 200, `not ${what} in time`);
    await sleep(50);
  }
}

test('a committed message arrives, signed', async () => {
  await emit('arrives');
  await until('delivered', async () => (await rowOf('arrives'))?.delivered);
  assert.deepEqual(
    received.map(({ signed }) => signed),
    [true],
  );
});

test('a message of a transaction that failed is never sent', async () => {
  const failed = database.transaction(async tx => {
    await outbox.emit(tx, { to: 'orders', type: 'shop.shop.Test.v1', subject: 'undone', data: {} });
    throw new Error('no');
  });
  await assert.rejects(failed);
  relay.nudge();
  await sleep(200);
  assert.deepEqual(received, []);
});

test('a failure is tried again, as the same message', async () => {
  answer = 500;
  await emit('again');
  await until('tried', async () => ((await rowOf('again'))?.attempts ?? 0) > 0);
  assert.match((await rowOf('again'))?.error ?? '', /orders answered 500/);
  answer = 204;
  await until('delivered', async () => (await rowOf('again'))?.delivered);
  assert.ok(received.length >= 2);
  assert.equal(new Set(received.map(({ id }) => id)).size, 1);
});

test('a message that the receiver calls wrong is parked, not sent for ever', async () => {
  answer = 422;
  await emit('wrong');
  await until('parked', async () => (await rowOf('wrong'))?.parked);
  await sleep(1_200);
  assert.equal(received.length, 1);
});

test('a receiver that hangs counts as failed after two seconds', async () => {
  delayMs = 3_000;
  await emit('hangs');
  await until('tried', async () => ((await rowOf('hangs'))?.attempts ?? 0) > 0);
  assert.match((await rowOf('hangs'))?.error ?? '', /cannot be reached/);
});

test('a message to a service that this shop runs without is not written at all', async () => {
  await emit('nobody', 'search');
  assert.equal(await rowOf('nobody'), undefined);
});

test('what is on its way and does not arrive is withdrawn too', async () => {
  answer = 500;
  delayMs = 500;
  await emit('on its way');
  await until('on its way', async () => received.length > 0);
  await database.transaction(tx => outbox.withdraw(tx, 'shop.shop.Test.v1', 'on its way'));
  assert.equal(await rowOf('on its way'), undefined);
});

test('what has not arrived can be withdrawn', async () => {
  answer = 503;
  await emit('withdrawn');
  await until('tried', async () => ((await rowOf('withdrawn'))?.attempts ?? 0) > 0);
  await until('gone', async () => {
    await database.transaction(tx => outbox.withdraw(tx, 'shop.shop.Test.v1', 'withdrawn'));
    return (await rowOf('withdrawn')) === undefined;
  });
});
