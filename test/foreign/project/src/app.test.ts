/** The modules together: from a token to a calibration that is done. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestDatabase } from '#kit/testing';
import { createApp } from './app.ts';
import { seedEngineer } from './tokens/seed.ts';
import { createTokenStore } from './tokens/store.ts';

const { database, stop } = await startTestDatabase('lab');
await seedEngineer(createTokenStore(database), 'open sesame');
const settings = { logLevel: 'silent', trustProxy: [], basePath: '/api' };
const health = { draining: false, check: () => database.ping() };
const http = await createApp(settings, database, health);
after(async () => {
  await http.close();
  await stop();
});

const signIn = (passphrase: string) =>
  http.inject({
    method: 'POST',
    url: '/api/tokens',
    payload: { user: 'Engineer@lab.example', passphrase },
  });
const token = (await signIn('open sesame')).json().token;
const headers = { authorization: `Bearer ${token}` };
const BALANCE = '/api/instruments/0b0e7c1e-5d0a-4c39-9a51-3f6f2f6b1a01';
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();
const queue = (payload: object, url = BALANCE) =>
  http.inject({ method: 'POST', url: `${url}/calibrations`, headers, payload });

test('a calibration is queued, and done a little later; both stand in the journal', async () => {
  const queued = await queue({ dueAt: tomorrow(), serial: 7 });
  assert.equal(queued.statusCode, 202);
  const { id, status } = queued.json();
  assert.equal(status, 'queued');
  assert.equal(queued.headers.location, `/api/calibrations/${id}`);
  const read = async () => (await http.inject({ url: `/api/calibrations/${id}`, headers })).json();
  for (let tries = 0; tries < 60 && (await read()).status === 'queued'; tries++) await sleep(100);
  const { finishedAt, ...rest } = await read();
  const { finishedAt: notYet, ...before } = queued.json();
  assert.equal(notYet, null);
  assert.deepEqual(rest, { ...before, status: 'done' });
  assert.ok(finishedAt > rest.queuedAt);
  const { rows } = await database.query(
    'select event from lab.journal where calibration_id = $1 order by id',
    [id],
  );
  assert.deepEqual(rows, [{ event: 'queued' }, { event: 'done' }]);
  const listed = (await http.inject({ url: `${BALANCE}/calibrations?limit=1`, headers })).json();
  assert.equal(listed.items[0].id, id);
});

test('what is no calibration is refused, and leaves nothing', async () => {
  const count = async () => (await database.query('select from lab.calibrations')).rowCount;
  const before = await count();
  const dueAt = tomorrow();
  for (const [payload, status] of [
    [{ serial: 1 }, 400],
    [{ dueAt: 'soon', serial: 1 }, 400],
    [{ dueAt, serial: '1' }, 400],
    [{ dueAt, serial: -1 }, 400],
    [{ dueAt, serial: 1, more: 1 }, 400],
    [{ dueAt, serial: 1, note: '\u0000' }, 400],
    [{ dueAt: '2001-01-01T00:00:00Z', serial: 1 }, 422],
  ] as const) {
    const refused = await queue(payload);
    assert.equal(refused.statusCode, status, JSON.stringify(payload));
    assert.match(String(refused.headers['content-type']), /^application\/problem\+json/);
  }
  assert.equal((await queue({ dueAt, serial: 1 }, '/api/instruments/x')).statusCode, 400);
  const unknown = '/api/instruments/ffffffff-5d0a-4c39-9a51-3f6f2f6b1a01';
  assert.equal((await queue({ dueAt, serial: 1 }, unknown)).statusCode, 404);
  assert.equal(await count(), before);
});

test('without a token, or with another, nothing is told', async () => {
  for (const authorization of ['', 'Bearer', 'Bearer x', `Basic ${token}`]) {
    const refused = await http.inject({ url: '/api/tokens/current', headers: { authorization } });
    assert.equal(refused.statusCode, 401);
    assert.equal(refused.headers['www-authenticate'], 'Bearer');
  }
  assert.equal((await signIn('wrong')).statusCode, 401);
  const current = await http.inject({ url: '/api/tokens/current', headers });
  assert.equal(current.json().engineer.user, 'engineer@lab.example');
  const { rows } = await database.query('select * from lab.tokens');
  assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(token));
});

test('instruments come page by page, also of one kind', async () => {
  const list = async (query: string) => (await http.inject(`/api/instruments?${query}`)).json();
  const first = await list('limit=5');
  const second = await list(`limit=5&after=${first.next}`);
  assert.equal(new Set([...first.items, ...second.items].map(({ id }) => id)).size, 9);
  assert.equal(second.next, null);
  assert.equal((await list('kind=length')).items.length, 3);
  assert.equal((await http.inject(BALANCE)).json().name, 'Balance, two pans');
});
