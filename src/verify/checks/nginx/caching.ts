import { expect, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe, type HttpClient, type HttpResponse } from '../../http/client.ts';
import { imagesOfPage } from './static.ts';

const ROOT = { from: 'root' } as const;
/** Below this, compressing costs more than it saves. */
const WORTH_BYTES = 256;
const GZIP = { 'accept-encoding': 'gzip' };

export const nginxCaching: Guarantee = {
  id: 'nginx.caching',
  lines: ['F8', 'F9', 'F10'],
  title: 'texts are compressed, and every kind of answer says how long it may be kept',
  from: 'nginx',
  async check({ shop }) {
    const page = await shop.get('/', ROOT);
    const [image = ''] = await imagesOfPage(shop);
    const texts = [...page.text.matchAll(/(?:href|src)="(\/[^"]+\.(?:css|js))"/g)].map(
      match => match[1] ?? '',
    );
    for (const path of ['/', ...texts, image]) await expectCompressed(shop, path, ROOT);
    await expectCompressed(shop, '/products?limit=20');
    const session = await shop.get('/sessions/current', { headers: GZIP });
    expect(!session.headers['content-encoding'], `${describe(session)} compressed: it could hold a secret`);

    for (const path of ['/', ...texts]) expectCache(await shop.get(path, ROOT), 200, /^no-cache$/);
    expectCache(await shop.get(image, ROOT), 200, /^public, max-age=\d{4,}/);
    expectCache(await shop.get(image.replace(/[^/]+$/, 'none.svg'), ROOT), 404, /^no-store$/);
    expectCache(await shop.get('/products?limit=1'), 200, /^no-store$/);
    expectCache(await shop.get('/no-such-route'), 404, /^no-store$/);
    const etag = String(page.headers.etag ?? '');
    const again = await shop.get('/', { ...ROOT, headers: { 'if-none-match': etag } });
    expect(etag && again.status === 304, `the page asked for again by its ETag (${etag}) is ${again.status}`);
    const part = await shop.get(image, { ...ROOT, headers: { range: 'bytes=0-9' } });
    expectStatus(part, 206);
    expect(part.text.length === 10, `${describe(part)}: not the ten bytes that were asked for`);
    return kept(
      `${texts.length + 3} kinds of text compressed; page, images, API and errors kept as they may be`,
      {
        compressed: texts.length + 3,
      },
    );
  },
};

/** @throws Broken unless a text that is worth it comes compressed to those who take that, and to nobody else */
async function expectCompressed(
  shop: HttpClient,
  path: string,
  options: { from?: 'root' } = {},
): Promise<void> {
  const plain = await shop.get(path, options);
  const { request, headers } = await shop.get(path, { ...options, headers: GZIP });
  expect(!plain.headers['content-encoding'], `${request} is compressed for a client that did not ask for it`);
  if (plain.text.length < WORTH_BYTES) return;
  expect(headers['content-encoding'] === 'gzip', `${request} is not compressed for a client that takes gzip`);
  const vary = String(headers.vary);
  expect(/accept-encoding/i.test(vary), `${request} is compressed without Vary: Accept-Encoding`);
}

function expectCache(response: HttpResponse, status: number, wanted: RegExp): void {
  expectStatus(response, status);
  const said = String(response.headers['cache-control']);
  expect(
    wanted.test(said),
    `${response.request} (${status}) says Cache-Control: ${said}, not ${wanted.source}`,
  );
}
