import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openDatabase, type Queries } from '#kit/database';
import { checkPoolBudget } from '#kit/pool-budget';
import { makeThings, startTestDatabase } from '#kit/testing';

const MAX = 3;
const { app, admin, stop } = await startTestDatabase(await makeThings());
const database = openDatabase(app, { max: MAX });
const server = openDatabase(admin, { max: 1 });
after(async () => {
  await database.close();
  await server.close();
  await stop();
});

async function connections(condition = ''): Promise<number> {
  const { rowCount } = await server.query(`select from pg_stat_activity where usename = $1 ${condition}`, [
    app.user,
  ]);
  return rowCount ?? 0;
}

async function backend(queries: Queries = database): Promise<number> {
  const { rows } = await queries.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

const terminate = (pid: number) => server.query('select pg_terminate_backend($1, 1000)', [pid]);

test('never more connections than the bound, and they are used again', async () => {
  const queries = Array.from({ length: 40 }, () => database.query('select pg_sleep(0.02)'));
  let seen = 0;
  for (let count = 0; count < 10; count++) seen = Math.max(seen, await connections());
  await Promise.all(queries);
  assert.ok(seen > 0 && seen <= MAX, `${seen} connections were seen`);
  assert.equal(await connections(), MAX);
});

test('an exhausted pool says so after two seconds, and the program stays ready', async () => {
  const release: (() => void)[] = [];
  const holders = Array.from({ length: MAX }, () =>
    database.transaction(() => new Promise<void>(resolve => release.push(resolve))),
  );
  try {
    const start = Date.now();
    await assert.rejects(database.query('select 1'), {
      name: 'Problem',
      status: 503,
      headers: { 'retry-after': '1' },
    });
    assert.ok(Date.now() - start < 4_000);
    await database.ping();
  } finally {
    for (const end of release) end();
    await Promise.all(holders);
  }
  assert.equal((await database.query('select 1')).rowCount, 1);
});

test('a failed statement or transaction gives its connection back in order', async () => {
  for (let count = 0; count < 20; count++) {
    await assert.rejects(database.query('select 1 / 0'), { code: '22012' });
    await assert.rejects(
      database.transaction(async tx => {
        await tx.query('update things.things set pieces = 0');
        throw new Error('not after all');
      }),
      /not after all/,
    );
  }
  assert.equal(await connections(), MAX);
  assert.equal(await connections(`and state like 'idle in transaction%'`), 0);
});

test('connections that the server ends while they are idle are replaced', async () => {
  const { rows } = await server.query<{ pid: number }>(
    'select pid from pg_stat_activity where usename = $1',
    [app.user],
  );
  for (const { pid } of rows) await terminate(pid);
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.ok((await backend()) > 0);
});

test('a connection that ends in a transaction is a 503, and is not lent out again', async () => {
  let lost = 0;
  const cut = database.transaction(async tx => {
    lost = await backend(tx);
    await terminate(lost);
    await new Promise(resolve => setTimeout(resolve, 100));
    await tx.query('select 1');
  });
  await assert.rejects(cut, { name: 'Problem', status: 503 });
  assert.notEqual(await backend(), lost);
});

test('pools that together want more than the server gives are refused', async () => {
  await checkPoolBudget(database, { max: 2, processes: 2 });
  await assert.rejects(checkPoolBudget(database, { max: 500, processes: 3 }), {
    name: 'StartError',
    message: /^POOL_MAX 500 times POOL_PROCESSES 3 is 1500 connections, and PostgreSQL gives \d+ /,
  });
});
