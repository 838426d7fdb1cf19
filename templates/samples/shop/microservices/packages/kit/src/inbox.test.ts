import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import type { Queries } from '#kit/database';
import { handler, registerInbox } from '#kit/inbox';
import { send, testSenders } from '#kit/message-testing';
import { createTestHttp, startTestDatabase } from '#kit/testing';

const { database, stop } = await startTestDatabase('messages');
after(stop);

const TYPE = 'shop.orders.Happened.v1';
const seen: object[] = [];
let failure: Error | undefined;
const http = createTestHttp();
registerInbox(http, {
  database,
  senders: new Map([...testSenders('payments'), ['orders', ['the new key', 'orders']]]),
  handlers: {
    [TYPE]: handler<{ what: string }>(
      { type: 'object', required: ['what'], properties: { what: { type: 'string' } } },
      async (tx: Queries, data) => {
        await tx.query('select 1');
        if (failure) throw failure;
        seen.push(data);
      },
    ),
  },
});

test('a message takes effect once, however often it comes, also at the same moment', async () => {
  const id = randomUUID();
  const before = seen.length;
  const statuses = await Promise.all([1, 2, 3].map(() => send(http, TYPE, { what: 'once' }, { id })));
  statuses.push(await send(http, TYPE, { what: 'once' }, { id }));
  assert.deepEqual(statuses, [204, 204, 204, 204]);
  assert.equal(seen.length, before + 1);
});

test('a field that nobody has heard of is no reason to refuse', async () => {
  assert.equal(await send(http, TYPE, { what: 'more', since: 2027 }), 204);
});

test('what a handler could not do is not noted as done', async () => {
  const id = randomUUID();
  failure = new Error('not now');
  assert.equal(await send(http, TYPE, { what: 'later' }, { id }), 500);
  failure = undefined;
  const before = seen.length;
  assert.equal(await send(http, TYPE, { what: 'later' }, { id }), 204);
  assert.equal(seen.length, before + 1);
});

test('only the named senders are believed, with either key, and only what is fresh', async () => {
  const data = { what: 'x' };
  assert.equal(await send(http, TYPE, data, { key: 'the new key' }), 204);
  assert.equal(await send(http, TYPE, data, { key: 'a guess' }), 401);
  assert.equal(await send(http, TYPE, data, { at: Date.now() - 301_000 }), 401);
  const unsigned = {
    method: 'POST',
    url: '/inbox',
    headers: { 'content-type': 'application/cloudevents+json' },
  } as const;
  assert.equal((await http.inject({ ...unsigned, payload: '{}' })).statusCode, 401);
});

test('nobody can speak for another', async () => {
  assert.equal(await send(http, TYPE, { what: 'x' }, { key: 'payments' }), 422);
});

test('what will never be understood is refused for good', async () => {
  assert.equal(await send(http, 'shop.orders.Unknown.v1', { what: 'x' }), 422);
  assert.equal(await send(http, TYPE, { what: 7 }), 422);
  assert.equal(await send(http, TYPE, { what: 'x' }, { id: 'not-a-uuid' }), 400);
});
