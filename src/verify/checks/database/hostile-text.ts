import { randomBytes } from 'node:crypto';
import { expect, expectStatus, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpClient } from '../../http/client.ts';
import { databaseHolding } from '../../system/nodes.ts';

/** Each would do something if it were read as SQL or as a pattern; the decoy is what the pattern would find besides. */
const TEXTS = [
  { text: `Robert'); drop table products.products; --`, decoy: 'Robert' },
  { text: `' or '1'='1`, decoy: 'one' },
  { text: `$1 $$; select pg_sleep(9); --`, decoy: '1' },
  { text: '100%_off', decoy: '100xxoff' },
  { text: 'back\\slash\\%', decoy: 'backslash' },
  { text: `"Ünï 💩 'quoted'"`, decoy: 'quoted' },
];

/** A password is slow to check, on purpose. */
const LOGINS = 2;

interface Found {
  readonly items: readonly { readonly id: number; readonly name: string }[];
}

export const databaseHostileText: Guarantee = {
  id: 'database.hostile-text',
  lines: ['C5'],
  title: 'SQL and wildcards in what people type are stored, searched and found as text',
  from: 'database',
  async check(world) {
    const { shop } = world;
    const mark = randomBytes(6).toString('hex');
    const database = await databaseHolding(world.running, 'products.products');
    try {
      await addProducts(world, database, mark);
      for (const { text } of TEXTS) await expectFound(shop, `${mark} ${text}`);
      await Promise.all(TEXTS.slice(0, LOGINS).map(({ text }) => expectNoLogin(shop, text)));
      const cookie = await shop.login();
      for (const { text } of TEXTS) await expectOneOrder(shop, cookie, `${mark} ${text}`);
      expectStatus(await shop.get('/products?limit=1'), 200);
    } finally {
      await world.running.sql(database, 'delete from products.products where description = $1', {
        values: [mark],
        as: 'admin',
      });
    }
    return kept(
      `${TEXTS.length} texts as a product's name, a search, an address, a password and a key: each is only itself`,
      {
        texts: TEXTS.length,
      },
    );
  },
};

async function addProducts({ running }: World, database: string, mark: string): Promise<void> {
  const names = TEXTS.flatMap(({ text, decoy }) => [`${mark} ${text}`, `${mark} ${decoy}`]);
  await running.sql(
    database,
    `insert into products.products (name, description, price_cents, available)
     select name, $2, 1, 0 from json_array_elements_text($1::text::json) as name`,
    { values: [JSON.stringify(names), mark], as: 'admin' },
  );
}

async function expectFound(shop: HttpClient, name: string): Promise<void> {
  const answer = await shop.get(`/products?q=${encodeURIComponent(name)}`);
  expectStatus(answer, 200);
  const names = answer.json<Found>().items.map(item => item.name);
  expect(
    names.length === 1 && names[0] === name,
    `a search for ${JSON.stringify(name)} finds ${JSON.stringify(names)}`,
  );
}

async function expectNoLogin(shop: HttpClient, text: string): Promise<void> {
  const answer = await shop.post('/sessions', { email: text, password: text });
  expect(answer.status === 401, `${describe(answer)} to ${JSON.stringify(text)}, not 401`);
}

/** A header carries Latin letters only. */
async function expectOneOrder(shop: HttpClient, cookie: string, text: string): Promise<void> {
  const key = encodeURI(text).replaceAll('%20', ' ').replaceAll('%25', '%');
  const answers = [await shop.order(cookie, { key }), await shop.order(cookie, { key })];
  for (const answer of answers) expectStatus(answer, 201, 202);
  const ids = new Set(answers.map(answer => answer.json<{ id: string }>().id));
  expect(ids.size === 1, `two requests with the Idempotency-Key ${JSON.stringify(key)} made two orders`);
}
