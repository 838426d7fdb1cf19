import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHttp } from '#kit/testing';
import { CATALOGUE } from './catalogue.ts';
import { productRoutes } from './routes.ts';
import { createProductStore } from './store.ts';

const store = createProductStore();
const http = createTestHttp();
productRoutes(http, { store });
const get = async (url: string) => (await http.inject(url)).json();
const [[name, description, priceCents, available] = assert.fail('there is nothing to sell')] = CATALOGUE;

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
    CATALOGUE.map((_, index) => index + 1),
  );
});

test('a page has room for 1 to 100', async () => {
  for (const limit of ['101', '0', '1000000000', 'x']) {
    assert.equal((await http.inject(`/products?limit=${limit}`)).statusCode, 400);
  }
  assert.equal((await get('/products?limit=100')).items.length, Math.min(CATALOGUE.length, 100));
});

test('search ignores case, and takes % and _ literally', async () => {
  for (const q of [name.toUpperCase(), '%', '_']) {
    const { items } = await get(`/products?limit=100&q=${encodeURIComponent(q)}`);
    assert.deepEqual(
      items.map((item: { name: string }) => item.name),
      CATALOGUE.map(([each]) => each).filter(each => each.toUpperCase().includes(q)),
    );
  }
});

test('one product, or 404', async () => {
  const { currency: _, ...one } = await get('/products/1');
  assert.deepEqual(one, { id: 1, name, description, priceCents, available });
  for (const id of ['0', String(CATALOGUE.length + 1), 'x', '99999999999']) {
    assert.equal((await http.inject(`/products/${id}`)).statusCode, 404);
  }
});

test('an order that cannot be filled takes nothing', async () => {
  const sold = store.take([
    { productId: 1, quantity: 1 },
    { productId: 1, quantity: available },
  ]);
  await assert.rejects(sold, { status: 409 });
  await assert.rejects(
    store.take([
      { productId: 1, quantity: available },
      { productId: CATALOGUE.length + 1, quantity: 1 },
    ]),
    { status: 422 },
  );
  assert.equal((await store.find(1))?.available, available);
});
