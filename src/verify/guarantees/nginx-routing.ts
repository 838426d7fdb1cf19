import { nodesOfKind } from '../../blueprint/blueprint.ts';
import { describe } from '../client.ts';
import { expect, expectProblem, expectStatus, kept } from '../expect.ts';
import type { Guarantee } from '../guarantee.ts';

export const nginxRouting: Guarantee = {
  id: 'nginx.routing',
  title: '/api goes to the program, everything else to files',
  from: 'nginx',
  async check({ blueprint, shop }) {
    const products = await shop.get('/products?limit=1');
    expectStatus(products, 200);
    expect(
      products.headers['content-type']?.startsWith('application/json'),
      `GET /api/products is ${products.headers['content-type']}, not JSON from the program`,
    );
    const unknown = await shop.get('/no-such-route', { headers: { 'x-request-id': 'verify-routing-1' } });
    expectProblem(unknown, 404);
    expect(
      unknown.json<{ requestId?: unknown }>().requestId === 'verify-routing-1',
      `${describe(unknown)}: not the program's own 404, which carries the request's id`,
    );
    const prefixes = nodesOfKind(blueprint, 'nginx').flatMap(nginx =>
      nginx.routes.map(route => route.prefix),
    );
    for (const prefix of prefixes.filter(each => each !== '')) {
      const answer = await shop.get(prefix);
      expect(
        answer.status < 500 && answer.status !== 404,
        `${describe(answer)}: /api${prefix} does not reach its program`,
      );
    }
    for (const path of ['/products', '/no-such-file', '/images/no-such-image.png']) {
      const outside = await shop.get(path, { from: 'root' });
      expectStatus(outside, 404);
    }
    await expectNoTraversal(shop);
    return kept(`/api and ${prefixes.length} route(s) reach their programs; other paths are files or 404`, {
      routes: prefixes.length,
    });
  },
};

/** Ways out of the folder of public files. None may show a file that is not public. */
async function expectNoTraversal(shop: Parameters<Guarantee['check']>[0]['shop']): Promise<void> {
  const paths = [
    '/images../nginx.conf',
    '/images/../../package.json',
    '/images/..%2f..%2fpackage.json',
    '/.env',
    '/.git/config',
  ];
  for (const path of paths) {
    const response = await shop.get(path, { from: 'root' });
    expect(
      response.status === 400 || response.status === 403 || response.status === 404,
      `${describe(response)}: a path out of the public files must be 400 or 404`,
    );
  }
}
