import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, test } from 'node:test';
import { openDatabase } from '#kit/database';
import { migrate } from '#kit/migrate';
import { startTestDatabase } from '#kit/testing';

const { app, owner, admin, database, stop } = await startTestDatabase('products');
after(stop);

const migrateAgain = () =>
  migrate({
    owner,
    appRole: app.user,
    appPassword: app.password,
    adminUser: admin.user,
    adminPassword: admin.password,
    modules: [{ schema: 'products', folder: 'migrations/products' }],
  });

test('migrations may run again, also at once; each counts once', async () => {
  await Promise.all([migrateAgain(), migrateAgain(), migrateAgain()]);
  const asOwner = openDatabase(owner);
  const { rows } = await asOwner.query('select name from products.migrations order by id');
  await asOwner.close();
  assert.deepEqual(
    rows.map(({ name }) => `${name}.sql`),
    (await readdir('migrations/products')).toSorted(),
  );
});

for (const statement of [
  'drop table products.products',
  'alter table products.products add column x integer',
  'create table products.more (id integer)',
  'create table public.more (id integer)',
  'create schema more',
  'select * from products.migrations',
]) {
  test(`the program's role may not ${statement}`, async () => {
    await assert.rejects(database.query(statement), { code: '42501' });
  });
}
