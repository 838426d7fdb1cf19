import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHttp } from '#kit/testing';
import { productRoutes } from './routes.ts';
import { createProductStore } from './store.ts';

const store = createProductStore();
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
  const sold = store.take([
    { productId: 2, quantity: 3 },
    { productId: 24, quantity: 1 },
  ]);
  await assert.rejects(sold, { status: 409 });
  await assert.rejects(
    store.take([
      { productId: 2, quantity: 3 },
      { productId: 999, quantity: 1 },
    ]),
    { status: 422 },
  );
  assert.equal((await store.find(2))?.available, 5000);
});
