import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTestHttp, startTestDatabase } from '#kit/testing';
import { productRoutes } from './routes.ts';
import { createProductStore } from './store.ts';

const { database, stop } = await startTestDatabase('products');
after(stop);
const store = createProductStore(database);
const take: typeof store.take = lines => database.transaction(tx => createProductStore(tx).take(lines));
const http = createTestHttp();
productRoutes(http, { store });
const get = async (url: string) => (await http.inject(url)).json();

// Besides whatever is sold, two products of which the tests know everything.
const add = `insert into products.products (name, description, price_cents, available)
  select unnest($1::text[]), 'for tests', 4200, unnest($2::integer[])`;
await database.query(add, [
  ['One of many', 'One of few'],
  [1000, 120],
]);
const catalogue = await store.list({ q: '', limit: 100_000, after: 0 });
const [many = assert.fail(), few = assert.fail()] = catalogue.slice(-2);
const unknown = few.id + 1;

test('pages follow each other by id until the end', async () => {
  const ids: number[] = [];
  let after = 0;
  for (let page = await get('/products?limit=1'); ; page = await get(`/products?limit=1&after=${after}`)) {
    ids.push(...page.items.map((item: { id: number }) => item.id));
    if (page.next === null) break;
    after = page.next;
  }
  assert.deepEqual(
    ids,
    catalogue.map(({ id }) => id),
  );
});

test('a page has room for 1 to 100', async () => {
  for (const limit of ['101', '0', '1000000000', 'x']) {
    assert.equal((await http.inject(`/products?limit=${limit}`)).statusCode, 400);
  }
  assert.equal((await get('/products?limit=100')).items.length, Math.min(catalogue.length, 100));
});

test('search ignores case, and takes % and _ literally', async () => {
  for (const q of ['ONE OF', '%', '_']) {
    const { items } = await get(`/products?limit=100&q=${encodeURIComponent(q)}`);
    assert.deepEqual(
      items,
      catalogue.filter(({ name }) => name.toUpperCase().includes(q)),
    );
  }
});

test('one product, or 404', async () => {
  assert.deepEqual(await get(`/products/${many.id}`), many);
  for (const id of ['0', String(unknown), 'x', '99999999999']) {
    assert.equal((await http.inject(`/products/${id}`)).statusCode, 404);
  }
});

test('an order that cannot be filled takes nothing', async () => {
  const sold = take([
    { productId: many.id, quantity: 3 },
    { productId: few.id, quantity: few.available + 1 },
  ]);
  await assert.rejects(sold, { status: 409 });
  await assert.rejects(
    take([
      { productId: many.id, quantity: 3 },
      { productId: unknown, quantity: 1 },
    ]),
    { status: 422 },
  );
  assert.equal((await store.find(many.id))?.available, many.available);
});

test('lines come back as they were asked for', async () => {
  const taken = await take([
    { productId: few.id, quantity: 1 },
    { productId: many.id, quantity: 2 },
    { productId: few.id, quantity: 3 },
  ]);
  assert.deepEqual(
    taken.map(({ productId, quantity }) => [productId, quantity]),
    [
      [few.id, 1],
      [many.id, 2],
      [few.id, 3],
    ],
  );
});

test('the last pieces are sold once, however many want them', async () => {
  const { available } = (await store.find(few.id)) ?? assert.fail();
  const orders = Array.from({ length: 6 }, () => take([{ productId: few.id, quantity: 50 }]));
  const results = await Promise.allSettled(orders);
  const sold = results.filter(({ status }) => status === 'fulfilled').length;
  assert.equal(sold, Math.floor(available / 50));
  assert.equal((await store.find(few.id))?.available, available - sold * 50);
});

test('whatever a name would do as SQL or as a pattern, a search for it finds just that name', async () => {
  const names = [
    `Robert'); drop table products.products; --`,
    `' or '1'='1`,
    '$1 $$',
    '100%_off',
    'back\\slash\\%',
    '"Ünï 💩"',
  ];
  const decoys = ['Robert', '1', '100xxoff', 'backslash', 'Ünï'];
  const all = [...names, ...decoys];
  await database.query(add, [all, all.map(() => 0)]);
  for (const name of names) {
    const { items } = await get(`/products?q=${encodeURIComponent(name)}`);
    assert.deepEqual(
      items.map((item: { name: string }) => item.name),
      [name],
    );
  }
});
