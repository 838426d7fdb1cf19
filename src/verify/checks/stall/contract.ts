import { randomUUID } from 'node:crypto';
import { expect, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import type { HttpClient, HttpResponse, RequestOptions } from '../../http/client.ts';
import { cookieOf, describe } from '../../http/client.ts';
import { Contract } from '../../http/contract.ts';

interface Product {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
}

interface Order {
  readonly id: string;
  readonly items: readonly { readonly productId: number; readonly quantity: number }[];
}

/** Sends requests and has the contract judge each answer. */
class Walk {
  readonly #shop: HttpClient;
  readonly contract: Contract;

  constructor(shop: HttpClient, contract: Contract) {
    this.#shop = shop;
    this.contract = contract;
  }

  async step(
    method: string,
    path: string,
    status: number | readonly number[],
    options: RequestOptions = {},
  ): Promise<HttpResponse> {
    const response = await this.#shop.request(method, path, options);
    expectStatus(response, ...(typeof status === 'number' ? [status] : status));
    this.contract.judge(method, path, response);
    return response;
  }
}

export const stallContract: Guarantee = {
  id: 'stall.contract',
  title: 'products, sessions and orders behave as openapi.yaml says',
  from: 'stall',
  async check({ shop, blueprint, directory }) {
    const walk = new Walk(shop, await Contract.of(directory));
    if (blueprint.frontDoor.basePath === '') await probes(walk);
    await products(walk);
    const cookie = await sessions(walk, shop, blueprint.frontDoor.scheme === 'https');
    await orders(walk, cookie, blueprint.frontDoor.basePath);
    await search(walk, cookie);
    await logout(walk, cookie);
    const { responses, operations } = walk.contract.figures;
    // Health probes are documented, but hidden once a front door stands before them.
    const unseen = walk.contract.unseen().filter(name => !/\/(livez|readyz)$/.test(name));
    expect(
      unseen.length === 0,
      `openapi.yaml describes operations that nothing answers: ${unseen.join(', ')}`,
    );
    return kept(`${responses} responses of ${operations} operations match openapi.yaml`, {
      responses,
      operations,
    });
  },
};

async function probes(walk: Walk): Promise<void> {
  for (const path of ['/livez', '/readyz']) {
    if (walk.contract.documents(path)) await walk.step('GET', path, 200);
  }
}

async function products(walk: Walk): Promise<void> {
  const all = await list(walk, '/products?limit=100');
  expect(
    all.items.length >= 24,
    `GET /products?limit=100 lists ${all.items.length} products, not 24 or more`,
  );
  expect(
    all.items.every((item, index) => index === 0 || item.id > (all.items[index - 1]?.id ?? 0)),
    'GET /products does not list products in the order of their ids',
  );
  const first = await list(walk, '/products?limit=2');
  expect(
    first.items.length === 2 && first.next !== null,
    'GET /products?limit=2 does not give two products and a next',
  );
  const second = await list(walk, `/products?limit=2&after=${first.next}`);
  expect(
    second.items[0]?.id === all.items[2]?.id,
    'GET /products?after= does not go on where the last page ended',
  );
  const found = await list(walk, '/products?q=KEYBOARD');
  expect(
    found.items.length > 0 && found.items.every(item => mentions(item, 'keyboard')),
    'GET /products?q= does not find the keyboard',
  );
  const percent = await list(walk, '/products?q=%25');
  expect(
    percent.items.every(item => mentions(item, '%')),
    'GET /products?q=% treats % as a wildcard: it is not escaped',
  );
  const one = (await walk.step('GET', '/products/1', 200)).json<Product>();
  expect(
    one.name === 'Keyboard' && one.priceCents === 7900,
    `GET /products/1 is ${one.name} for ${one.priceCents} cents, not the Keyboard for 7900`,
  );
  await walk.step('GET', '/products/999999', 404);
  await walk.step('GET', '/products?limit=0', 400);
}

async function list(walk: Walk, path: string): Promise<{ items: Product[]; next: number | null }> {
  return (await walk.step('GET', path, 200)).json();
}

function mentions(product: Product, text: string): boolean {
  return `${product.name} ${product.description}`.toLowerCase().includes(text);
}

async function sessions(walk: Walk, shop: HttpClient, secure: boolean): Promise<string> {
  const { email, password } = await shop.credentials();
  await walk.step('GET', '/sessions/current', 401);
  await walk.step('POST', '/sessions', 401, { body: { email, password: 'not the password' } });
  await walk.step('POST', '/sessions', 400, { body: { email } });
  const login = await walk.step('POST', '/sessions', 201, { body: { email, password } });
  const cookie = cookieOf(login);
  const attributes = login.headers['set-cookie']?.find(each => each.startsWith('session=')) ?? '';
  expect(cookie, 'POST /sessions answered 201 without a session cookie');
  for (const attribute of ['HttpOnly', 'SameSite=Lax', ...(secure ? ['Secure'] : [])]) {
    expect(
      attributes.toLowerCase().includes(attribute.toLowerCase()),
      `POST /sessions sets a cookie without ${attribute}`,
    );
  }
  const current = await walk.step('GET', '/sessions/current', 200, { cookie });
  expect(
    current.json<{ customer?: { email?: string } }>().customer?.email === email,
    'GET /sessions/current is somebody else',
  );
  return cookie;
}

async function orders(walk: Walk, cookie: string, basePath: string): Promise<void> {
  const body = { items: [{ productId: 1, quantity: 2 }] };
  await walk.step('POST', '/orders', 401, { body });
  const first = await walk.step('POST', '/orders', [201, 202], { body, cookie });
  const again = await walk.step('POST', '/orders', [201, 202], { body, cookie });
  const [a, b] = [first.json<Order>(), again.json<Order>()];
  expect(a.id !== b.id, 'two orders without Idempotency-Key have the same id');
  expect(
    first.headers.location === `${basePath}/orders/${a.id}`,
    `POST /orders answered with Location ${first.headers.location}, not ${basePath}/orders/${a.id}`,
  );
  const read = (await walk.step('GET', `/orders/${a.id}`, 200, { cookie })).json<Order>();
  expect(
    read.items[0]?.productId === 1 && read.items[0].quantity === 2,
    'GET /orders/:id is not what was ordered',
  );
  const own = (await walk.step('GET', '/orders', 200, { cookie })).json<{ items: Order[] }>();
  expect(
    own.items[0]?.id === b.id && own.items[1]?.id === a.id,
    'GET /orders does not list the newest orders first',
  );
  await walk.step('GET', '/orders', 401);
  await walk.step('GET', `/orders/${a.id}`, 401);
  await walk.step('GET', `/orders/${randomUUID()}`, 404, { cookie });
  await walk.step('GET', '/orders/1', 404, { cookie });
  await walk.step('POST', '/orders', 400, { body: { items: [] }, cookie });
  await refusals(walk, cookie, first.status === 202);
}

/** Orders that cannot be carried out: told at once, or, where orders are asynchronous, afterwards. */
async function refusals(walk: Walk, cookie: string, asynchronous: boolean): Promise<void> {
  const unknown = { items: [{ productId: 999_999, quantity: 1 }] };
  const declined = { items: [{ productId: 1, quantity: 1 }], paymentMethod: 'declined-test-card' };
  await walk.step('POST', '/orders', asynchronous ? [202, 422] : 422, { body: unknown, cookie });
  const answer = await walk.step('POST', '/orders', asynchronous ? 202 : 402, { body: declined, cookie });
  expect(asynchronous || answer.status === 402, describe(answer));
}

async function search(walk: Walk, cookie: string): Promise<void> {
  if (walk.contract.documents('/search')) await walk.step('GET', '/search?q=keyboard', 200, { cookie });
}

async function logout(walk: Walk, cookie: string): Promise<void> {
  await walk.step('DELETE', '/sessions/current', 204, { cookie });
  await walk.step('GET', '/sessions/current', 401, { cookie });
}
