import { nodesOfKind } from '../../../blueprint/blueprint.ts';
import { expect, expectProblem, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';

export const nginxRouting: Guarantee = {
  id: 'nginx.routing',
  lines: ['F10'],
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
    for (const path of ['/style.css', '/index.html', '/images/icon.svg']) {
      expectProblem(await shop.get(path), 404);
    }
    return kept(`/api and ${prefixes.length} route(s) reach their programs; other paths are files or 404`, {
      routes: prefixes.length,
    });
  },
};
