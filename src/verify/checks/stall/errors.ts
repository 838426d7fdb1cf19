import { expect, expectNoStack, expectProblem, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';

/** One byte more than any stage's limit for a body would be kinder; this is over the program's (64 KiB) and under nginx's. */
const TOO_LARGE = 80 * 1024;

export const stallErrors: Guarantee = {
  id: 'stall.errors',
  lines: ['B5'],
  title: 'unknown route 404, bad JSON 400, body too large 413, wrong method 405, wrong type 415',
  from: 'stall',
  async check({ shop, blueprint }) {
    expectProblem(await shop.get('/no-such-route'), 404);
    const json = { 'content-type': 'application/json' };
    expectProblem(await shop.request('POST', '/sessions', { headers: json, body: '{"email":' }), 400);
    const xml = { 'content-type': 'application/xml' };
    expectProblem(await shop.request('POST', '/sessions', { headers: xml, body: '<a/>' }), 415);
    expectProblem(await shop.post('/sessions', { email: 'x'.repeat(TOO_LARGE) }), 413);
    expectStatus(await shop.get('/products?limit=1'), 200);
    const wrongMethod = await shop.request('PUT', '/products');
    expectProblem(wrongMethod, 405);
    expect(
      (wrongMethod.headers.allow ?? '').includes('GET'),
      `PUT /products answered 405 with Allow: ${wrongMethod.headers.allow ?? 'none'}, not GET`,
    );
    if (blueprint.frontDoor.scheme === 'http') await malformed(shop);
    const odd = await shop.get('/products/%00', { headers: { 'x-request-id': '<script>' } });
    expect(odd.status >= 400 && odd.status < 500, `GET /products/%00 answered ${odd.status}, not 4xx`);
    expectNoStack(odd);
    expectStatus(await shop.get('/products?limit=1'), 200);
    return kept(
      'each is answered with its own status as application/problem+json, and the next request is served',
      {
        requests: 8,
      },
    );
  },
};

async function malformed(shop: { raw(bytes: string): Promise<string> }): Promise<void> {
  const answer = await shop.raw('THIS IS NOT HTTP\r\n\r\n');
  expect(
    answer === '' || /^HTTP\/1\.[01] 4\d\d/.test(answer),
    `a malformed request was answered with ${JSON.stringify(answer.slice(0, 60))}, not with 400`,
  );
}
