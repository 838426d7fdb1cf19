import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestHttp, startTestDatabase } from '#kit/testing';
import { sessionRoutes } from './routes.ts';
import { seedDemoCustomer } from './seed.ts';
import { createSessionStore } from './store.ts';

const { database, stop } = await startTestDatabase('sessions');
after(stop);
const store = createSessionStore(database);
await seedDemoCustomer(store, 'open sesame');
const customers = await database.query<{ email: string }>('select email from sessions.customers');
const [{ email } = assert.fail()] = customers.rows;
const http = createTestHttp();
sessionRoutes(http, { store, cookieSecure: true });

const signIn = (address: string, password: string) =>
  http.inject({ method: 'POST', url: '/sessions', payload: { email: address, password } });

test('a session lasts from signing in to signing out', async () => {
  assert.equal((await http.inject('/sessions/current')).statusCode, 401);
  const signedIn = await signIn(email.toUpperCase(), 'open sesame');
  assert.equal(signedIn.statusCode, 201);
  assert.equal(signedIn.json().customer.email, email);
  assert.match(
    String(signedIn.headers['set-cookie']),
    /^session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );

  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
  const current = await http.inject({ url: '/sessions/current', headers: { cookie } });
  assert.deepEqual(current.json(), signedIn.json());

  const signedOut = await http.inject({ method: 'DELETE', url: '/sessions/current', headers: { cookie } });
  assert.equal(signedOut.statusCode, 204);
  const afterwards = await http.inject({ url: '/sessions/current', headers: { cookie } });
  assert.equal(afterwards.statusCode, 401);
});

test('a wrong password and an unknown address get the same answer', async () => {
  const wrong = await signIn(email, 'wrong');
  const unknown = await signIn('nobody@shop.example', 'open sesame');
  assert.equal(wrong.statusCode, 401);
  assert.equal(unknown.statusCode, 401);
  assert.equal(wrong.json().detail, unknown.json().detail);
  assert.equal((await signIn(email, '')).statusCode, 400);
});

test('an expired session is none', async () => {
  const account = await store.findAccount(email);
  await store.open('expired', account?.id ?? '', new Date(Date.now() - 1));
  assert.equal(await store.find('expired'), undefined);
});

test('seeding again changes the password, not the customer', async () => {
  const before = await store.findAccount(email);
  await seedDemoCustomer(store, 'a new one');
  const after = await store.findAccount(email);
  assert.equal(after?.id, before?.id);
  assert.notEqual(after?.passwordHash, before?.passwordHash);
});

test('the token itself is not in the database', async () => {
  const signedIn = await signIn(email, 'a new one');
  const token = /session=([^;]+)/.exec(String(signedIn.headers['set-cookie']))?.[1] ?? '';
  const { rows } = await database.query('select * from sessions.sessions');
  assert.ok(rows.length > 0);
  assert.ok(!JSON.stringify(rows).includes(token));
});
