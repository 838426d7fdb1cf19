import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openDatabase } from '#kit/database';
import { retryConflicts } from '#kit/database-errors';
import { makeThings, startTestDatabase } from '#kit/testing';

const { app, database, stop } = await startTestDatabase(await makeThings());
after(stop);

const piecesOf = async (id: number) => {
  const { rows } = await database.query<{ pieces: number }>(
    'select pieces from things.things where id = $1',
    [id],
  );
  return rows[0]?.pieces;
};

test('a value is never read as SQL', async () => {
  const text = `'; drop table things.things; --`;
  const { rows } = await database.query('select $1::text as text', [text]);
  assert.deepEqual(rows, [{ text }]);
});

test('what a failed transaction did is undone', async () => {
  const before = await piecesOf(1);
  const failed = database.transaction(async tx => {
    await tx.query('update things.things set pieces = 0 where id = 1');
    throw new Error('not after all');
  });
  await assert.rejects(failed, /not after all/);
  assert.equal(await piecesOf(1), before);
});

test('a unique value that is taken is a 409', async () => {
  const twice = database.query('insert into things.things (id, pieces) values (1, 1)');
  await assert.rejects(twice, { name: 'Problem', status: 409 });
});

test('a character that no text can hold is a 400', async () => {
  await assert.rejects(database.query('select $1::text', ['\u0000']), { name: 'Problem', status: 400 });
});

test('waiting too long for another transaction is a 503, with a time to come back', async () => {
  await database.transaction(async tx => {
    await tx.query('update things.things set pieces = pieces where id = 1');
    const waiting = database.query('update things.things set pieces = pieces where id = 1');
    await assert.rejects(waiting, { name: 'Problem', status: 503, headers: { 'retry-after': '1' } });
  });
});

test('two transactions that wait for each other both come through', async () => {
  const touch = (first: number, second: number) =>
    database.transaction(async tx => {
      await tx.query('update things.things set pieces = pieces - 1 where id = $1', [first]);
      await new Promise(resolve => setTimeout(resolve, 100));
      await tx.query('update things.things set pieces = pieces - 1 where id = $1', [second]);
    });
  const before = await piecesOf(5);
  await Promise.all([touch(5, 6), touch(6, 5)]);
  assert.equal(await piecesOf(5), (before ?? 0) - 2);
});

test('a conflict is tried three times, anything else once', async () => {
  for (const [code, attempts] of [
    ['40001', 3],
    ['40P01', 3],
    ['42P01', 1],
  ] as const) {
    let count = 0;
    const failing = retryConflicts(async () => {
      count++;
      throw Object.assign(new Error('no'), { code });
    });
    await assert.rejects(failing, { code });
    assert.equal(count, attempts);
  }
});

test('a database that is out of reach is a 503, for a query, a transaction and the health check', async () => {
  const nowhere = openDatabase({ ...app, port: 1 });
  const down = { name: 'Problem', status: 503, headers: { 'retry-after': '1' } };
  await assert.rejects(nowhere.query('select 1'), down);
  await assert.rejects(
    nowhere.transaction(async () => {}),
    down,
  );
  await assert.rejects(nowhere.ping());
  await nowhere.close();
});
