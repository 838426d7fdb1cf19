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

test('pages follow each other by id until the end', async () => {
  const ids: number[] = [];
  let after = 0;
  for (let page = await get('/products?limit=10'); ; page = await get(`/products?limit=10&after=${after}`)) {
    ids.push(...page.items.map((item: { id: number }) => item.id));
    if (page.next === null) break;
    after = page.next;
  }
  assert.deepEqual(
    ids,
    [...Array(24).keys()].map(index => index + 1),
  );
});

test('a page has room for 1 to 100', async () => {
  for (const limit of ['101', '0', '1000000000', 'x']) {
    assert.equal((await http.inject(`/products?limit=${limit}`)).statusCode, 400);
  }
  assert.equal((await get('/products?limit=100')).items.length, 24);
});

test('search ignores case, and takes % and _ literally', async () => {
  assert.deepEqual((await get('/products?q=KEYB')).items[0].name, 'Keyboard');
  assert.deepEqual((await get('/products?q=%25')).items, []);
  assert.deepEqual((await get('/products?q=_')).items, []);
});

test('one product, or 404', async () => {
  assert.equal((await get('/products/1')).priceCents, 7900);
  for (const id of ['0', '999', 'x', '99999999999']) {
    assert.equal((await http.inject(`/products/${id}`)).statusCode, 404);
  }
});

test('an order that cannot be filled takes nothing', async () => {
  const sold = take([
    { productId: 2, quantity: 3 },
    { productId: 24, quantity: 1 },
  ]);
  await assert.rejects(sold, { status: 409 });
  await assert.rejects(
    take([
      { productId: 2, quantity: 3 },
      { productId: 999, quantity: 1 },
    ]),
    { status: 422 },
  );
  assert.equal((await store.find(2))?.available, 5000);
});

test('lines come back as they were asked for', async () => {
  const taken = await take([
    { productId: 9, quantity: 1 },
    { productId: 7, quantity: 2 },
    { productId: 9, quantity: 3 },
  ]);
  assert.deepEqual(
    taken.map(({ productId, quantity }) => [productId, quantity]),
    [
      [9, 1],
      [7, 2],
      [9, 3],
    ],
  );
});

test('the last pieces are sold once, however many want them', async () => {
  const { available } = (await store.find(19)) ?? { available: 0 };
  const orders = Array.from({ length: 6 }, () => take([{ productId: 19, quantity: 50 }]));
  const results = await Promise.allSettled(orders);
  const sold = results.filter(({ status }) => status === 'fulfilled').length;
  assert.equal(sold, Math.floor(available / 50));
  assert.equal((await store.find(19))?.available, available - sold * 50);
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
  const add = `insert into products.products (name, description, price_cents, available)
    select unnest($1::text[]), 'verbatim', 1, 0`;
  await database.query(add, [[...names, ...decoys]]);
  for (const name of names) {
    const { items } = await get(`/products?q=${encodeURIComponent(name)}`);
    assert.deepEqual(
      items.map((item: { name: string }) => item.name),
      [name],
    );
  }
});
