import { eventually, expect, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { newMark } from '../../http/mark.ts';
import { burst, tally } from '../../load/burst.ts';
import { lockedWhile } from '../../system/locks.ts';
import { balancerIn, balancerOf, databaseHolding } from '../../system/nodes.ts';

const REQUESTS = 30;
/** Longer than three tries wait for a lock in the program: every request fails, and slowly enough to be in its log. */
const LOCKED_MS = 6_000;
const LOGGED_WITHIN_MS = 2_000;

export const balancerNoStorm: Guarantee = {
  id: 'balancer.no-retry-storm',
  lines: ['E8'],
  title: 'a route that fails is not asked again by the proxies',
  from: 'balancer',
  drill: true,
  applies: blueprint => balancerOf(blueprint) !== undefined,
  async check({ running, blueprint, shop }) {
    const { program } = balancerIn(blueprint);
    const database = await databaseHolding(running, 'products.products');
    const mark = newMark();
    const samples = await lockedWhile(running, database, 'products.products', LOCKED_MS, () =>
      burst(REQUESTS, index =>
        shop.get('/products?limit=1', { headers: { 'x-request-id': `${mark}-${index}` } }),
      ),
    );
    const failed = samples.filter(({ status }) => status >= 500);
    expect(failed.length === REQUESTS, `a route that cannot work answered ${tally(samples)}`);
    // The program logs each of them as a slow request, under the id that it came with.
    let asked = 0;
    await eventually('a line in the log for each request', LOGGED_WITHIN_MS, async () => {
      const lines = await running.logs(program.name);
      asked = lines.filter(line => line.includes(mark) && line.includes('slow request')).length;
      return asked >= REQUESTS;
    });
    expect(
      asked === REQUESTS,
      `${REQUESTS} requests to a failing route became ${asked} at the copies: retries multiply the load`,
    );
    return kept(`${REQUESTS} requests (${tally(samples)}) were ${asked} at the copies`, {
      requests: REQUESTS,
      atCopies: asked,
    });
  },
};
