import { type Blueprint, nodesOfKind } from '../../../blueprint/blueprint.ts';
import { eventually, expect, expectProblem, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe, type HttpClient } from '../../http/client.ts';
import { burst } from '../../load/burst.ts';
import { type Copy, copiesOf, killAll, programServing, startAll } from '../../system/nodes.ts';
import { expectHeadersOf } from './headers.ts';

const BACK_WITHIN_MS = 20_000;

export const nginxStatic: Guarantee = {
  id: 'nginx.static',
  lines: ['F10', 'F15'],
  title: 'the page and the images are served while every program behind nginx is down',
  from: 'nginx',
  limitMs: 60_000,
  async check({ running, blueprint, shop }) {
    const copies = copiesBehind(blueprint);
    let images = 0;
    try {
      await killAll(running, copies);
      images = await expectFiles(shop);
      await expectWellSaid(shop);
    } finally {
      await startAll(running, copies);
    }
    const { ms } = await eventually('a good answer once the programs run again', BACK_WITHIN_MS, async () => {
      const after = await burst(6, () => shop.get('/products?limit=1'));
      return after.every(each => each.status === 200);
    });
    return kept(`page and ${images} images served with ${copies.length} processes down`, {
      images,
      down: copies.length,
      recoveredMs: ms,
    });
  },
};

/** Every copy of every program that nginx sends requests to. */
function copiesBehind(blueprint: Blueprint): Copy[] {
  const prefixes = nodesOfKind(blueprint, 'nginx').flatMap(nginx => nginx.routes.map(route => route.prefix));
  return [...new Set(prefixes.map(prefix => programServing(blueprint, prefix)))].flatMap(copiesOf);
}

/** @throws Broken unless nginx says in the API's own form that nobody is there, and when to come back */
async function expectWellSaid(shop: HttpClient): Promise<void> {
  const down = await shop.get('/products?limit=1');
  expect(
    down.status >= 502 && down.status <= 504,
    `${describe(down)} with every program down, not 502, 503 or 504`,
  );
  expectProblem(down, down.status);
  expect(down.headers['retry-after'], `${describe(down)} without Retry-After`);
  expect(!/\d/.test(String(down.headers.server)), `${describe(down)} tells ${down.headers.server}`);
  expectHeadersOf(await shop.get('/', { from: 'root' }), `${down.status}`, down);
}

/** @returns how many images the page shows. @throws Broken unless the page and each of them is served */
async function expectFiles(shop: HttpClient): Promise<number> {
  const images = await imagesOfPage(shop);
  for (const path of images) {
    const image = await shop.get(path, { from: 'root' });
    expectStatus(image, 200);
    const type = image.headers['content-type'] ?? 'no type';
    expect(type.startsWith('image/'), `GET ${path} answered 200 as ${type}, not as an image`);
  }
  return images.length;
}

/** The paths of the page's images. @throws Broken if there is no page, or none on it */
export async function imagesOfPage(shop: HttpClient): Promise<string[]> {
  const page = await shop.get('/', { from: 'root' });
  expectStatus(page, 200);
  const type = page.headers['content-type'] ?? 'no type';
  expect(type.startsWith('text/html'), `GET / answered 200 as ${type}, not as text/html`);
  const images = [
    ...new Set([...page.text.matchAll(/["'(](\/images\/[^"')]+)/g)].map(match => match[1] ?? '')),
  ];
  expect(images.length > 0, 'the page at / shows no image under /images/');
  return images;
}
