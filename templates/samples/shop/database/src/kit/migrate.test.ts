import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, test } from 'node:test';
import { openDatabase } from '#kit/database';
import { migrate } from '#kit/migrate';
import { makeThings, startTestDatabase } from '#kit/testing';

const things = await makeThings();
const { app, owner, admin, database, stop } = await startTestDatabase(things);
after(stop);

const migrateAgain = () =>
  migrate({
    owner,
    appRole: app.user,
    appPassword: app.password,
    adminUser: admin.user,
    adminPassword: admin.password,
    modules: [things],
  });

test('migrations may run again, also at once; each counts once', async () => {
  await Promise.all([migrateAgain(), migrateAgain(), migrateAgain()]);
  const asOwner = openDatabase(owner);
  const { rows } = await asOwner.query('select name from things.migrations order by id');
  await asOwner.close();
  assert.deepEqual(
    rows.map(({ name }) => `${name}.sql`),
    (await readdir(things.folder)).toSorted(),
  );
});

for (const statement of [
  'drop table things.things',
  'alter table things.things add column x integer',
  'create table things.more (id integer)',
  'create table public.more (id integer)',
  'create schema more',
  'select * from things.migrations',
]) {
  test(`the program's role may not ${statement}`, async () => {
    await assert.rejects(database.query(statement), { code: '42501' });
  });
}
