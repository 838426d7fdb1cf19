import { LOCK_MS } from '../../../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { burst, tally } from '../../load/burst.ts';
import { NotPromised } from '../../outcome.ts';
import { MarkedRequests } from '../../system/access-log.ts';
import { lockedWhile } from '../../system/locks.ts';
import { balancerIn, balancerOf, databaseHolding } from '../../system/nodes.ts';

const REQUESTS = 30;
const TRIES = 3;
/** Longer than all tries wait for a lock in the program: every request fails, however often it is sent again. */
const LOCKED_MS = (TRIES + 1) * LOCK_MS;

export const balancerNoStorm: Guarantee = {
  id: 'balancer.no-retry-storm',
  lines: ['E8'],
  title: 'a route that fails is not asked again by the proxies',
  from: 'balancer',
  needs: ['probes.read', 'database.lock'],
  drill: true,
  applies: blueprint => balancerOf(blueprint) !== undefined,
  async check(world) {
    const { running, blueprint, probes } = world;
    const { lock = '' } = probes.facts.database ?? {};
    const database = await databaseHolding(running, lock);
    const marked = new MarkedRequests(world, balancerIn(blueprint));
    const samples = await lockedWhile(running, database, lock, LOCKED_MS, () =>
      burst(REQUESTS, () => marked.read(probes)),
    );
    if (samples.some(probes.isRead)) {
      throw new NotPromised(
        `with ${lock} locked for ${LOCKED_MS / 1000} s the read waited and succeeded (${tally(samples)}): nothing failed`,
      );
    }
    const failed = samples.filter(({ status }) => status >= 500);
    expect(failed.length === REQUESTS, `a route that cannot work answered ${tally(samples)}`);
    const logged = (await marked.logged()).filter(each => each !== undefined);
    expect(
      logged.length === REQUESTS,
      `the access log shows ${logged.length} of ${REQUESTS} requests by their x-request-id`,
    );
    const asked = logged.reduce((sum, { again }) => sum + 1 + again, 0);
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
