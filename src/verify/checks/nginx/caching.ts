import { expect, expectStatus, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpResponse, type RequestOptions } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { findPage, type Page, ROOT } from '../../http/page.ts';
import { programServing } from '../../system/nodes.ts';
import { heardBehind } from '../../system/stand-in.ts';

/** Below this, compressing costs more than it saves. */
const WORTH_BYTES = 256;
const GZIP = { 'accept-encoding': 'gzip' };
/** Types that shrink, and that nginx compresses. An image that is not drawn with words is compressed by itself. */
const TEXT = /^(?:text\/(?:html|css|javascript)|application\/(?:javascript|json)|image\/svg\+xml)(?:;|$)/;

export const nginxCaching: Guarantee = {
  id: 'nginx.caching',
  lines: ['F8', 'F9', 'F10'],
  title: 'texts are compressed, and every kind of answer says how long it may be kept',
  from: 'nginx',
  // Written to only where something can be read again: with a session in its cookie.
  needs: ['probes.read', ['probes.read', 'probes.write', 'probes.logins']],
  async check(world) {
    const { door, probes } = world;
    const page = await findPage(world);
    const files = page ? ['/', ...page.texts, ...page.images] : [];
    let compressed = 0;
    for (const path of files) compressed += await expectCompressed(o => door.get(path, { ...ROOT, ...o }));
    compressed += await expectCompressed(o => probes.read(o));
    // What the program answers may be too short for it.
    const long = await heardBehind(world, GZIP);
    if (long) compressed += expectGzip(long.answer);
    await expectNoTokenCompressed(world);
    if (page) await expectFilesKept(world, page);
    await expectApiKept(world);
    return kept(
      `${compressed} texts compressed; ${page ? 'page and its files, ' : ''}API and errors kept as they may be`,
      { compressed },
    );
  },
};

/**
 * @returns 1 where a text was compressed, 0 where there is nothing to gain
 * @throws Broken unless a text that is worth it comes compressed to those who take that, and to nobody else
 */
async function expectCompressed(ask: (options: RequestOptions) => Promise<HttpResponse>): Promise<number> {
  const plain = await ask({});
  expect(
    !plain.headers['content-encoding'],
    `${plain.request} is compressed for a client that did not ask for it`,
  );
  const packed = await ask({ headers: GZIP });
  if (plain.text.length < WORTH_BYTES || !TEXT.test(plain.headers['content-type'] ?? '')) return 0;
  return expectGzip(packed);
}

function expectGzip({ request, headers }: HttpResponse): number {
  expect(headers['content-encoding'] === 'gzip', `${request} is not compressed for a client that takes gzip`);
  const vary = String(headers.vary);
  expect(/accept-encoding/i.test(vary), `${request} is compressed without Vary: Accept-Encoding`);
  return 1;
}

/**
 * How long a compressed answer is tells what is in it, to whoever can have a browser send requests (BREACH): a session's cookie must not
 * be. @throws Broken if it is
 */
async function expectNoTokenCompressed({ probes }: World): Promise<void> {
  if (probes.facts.probes.write?.readBack === undefined) return;
  const session = await probes.writer();
  const token = /=([^;]{8,})/.exec(session.headers.cookie ?? '')?.[1];
  if (token === undefined) return;
  const written = await probes.expectWritten(session);
  const plain = await probes.readBack(written);
  const { request, headers } = await probes.readBack(written, { headers: GZIP });
  expect(
    !headers['content-encoding'] || !plain.text.includes(token),
    `${request} is compressed, and holds the cookie of its session`,
  );
}

async function expectFilesKept({ door }: World, { response: page, texts, images }: Page): Promise<void> {
  for (const path of ['/', ...texts]) expectCache(await door.get(path, ROOT), 200, /^no-cache$/);
  const etag = String(page.headers.etag ?? '');
  const again = await door.get('/', { ...ROOT, headers: { 'if-none-match': etag } });
  expect(etag && again.status === 304, `the page asked for again by its ETag (${etag}) is ${again.status}`);
  const [image] = images;
  if (image === undefined) return;
  expectCache(await door.get(image, ROOT), 200, /^public, max-age=\d{4,}/);
  const missing = await door.get(image.replace(/[^/]+$/, 'none.svg'), ROOT);
  // Where the owner has one page for every path, there is no such thing as a missing file.
  if (missing.status !== 200) expectCache(missing, 404, /^no-store$/);
  const part = await door.get(image, { ...ROOT, headers: { range: 'bytes=0-9' } });
  expectStatus(part, 206);
  expect(
    part.headers['content-length'] === '10',
    `${part.request} asked for ten bytes is ${part.headers['content-length']} bytes long`,
  );
}

/** @throws Broken unless the program's own word gets through, and something is said where it says nothing */
async function expectApiKept(world: World): Promise<void> {
  const { door, probes, blueprint } = world;
  const path = probes.readPath;
  const answers = [await door.get(path), await door.get('/no-such-route')];
  const direct = directTo(world, programServing(blueprint, path));
  try {
    for (const [index, answer] of answers.entries()) {
      const own = await direct?.get(index === 0 ? path : '/no-such-route');
      const wanted = own?.headers['cache-control'];
      const said = answer.headers['cache-control'];
      expect(said !== undefined, `${describe(answer)} without Cache-Control`);
      expect(
        wanted === undefined || said === wanted,
        `${answer.request} says Cache-Control: ${said}, and the program ${wanted}`,
      );
    }
  } finally {
    direct?.close();
  }
}

function expectCache(response: HttpResponse, status: number, wanted: RegExp): void {
  expectStatus(response, status);
  const said = String(response.headers['cache-control']);
  expect(
    wanted.test(said),
    `${response.request} (${status}) says Cache-Control: ${said}, not ${wanted.source}`,
  );
}
