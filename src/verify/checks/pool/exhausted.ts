import { eventually, expect, expectProblem, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { burst, tally, worstMs } from '../../load/burst.ts';
import { lockedWhile } from '../../system/locks.ts';
import { databaseHolding, poolBound } from '../../system/nodes.ts';

/** So many requests for each connection that waiting for a turn alone would take longer than is allowed. */
const TIMES_THE_BOUND = 3;
/** A request waits 2 s for a connection and 1.5 s for a lock. What the machine itself takes is measured, and comes on top. */
const ANSWER_WITHIN_MS = 4_500;
const LOCK_LASTS_LONGER_MS = 500;
const WARM_UP = 40;

export const poolExhausted: Guarantee = {
  id: 'pool.exhausted',
  lines: ['D3'],
  title: 'an exhausted pool answers 503 with Retry-After, and never hangs',
  from: 'pool',
  async check({ running, blueprint, shop }) {
    const database = await databaseHolding(running, 'products.products');
    const { bound } = poolBound(blueprint, database);
    const requests = bound * TIMES_THE_BOUND + 24;
    const excess = requests - bound;
    const unhindered = worstMs(await burst(WARM_UP, () => shop.get('/products?limit=1')));
    const allowedMs = ANSWER_WITHIN_MS + unhindered;
    const lockMs = allowedMs + LOCK_LASTS_LONGER_MS;
    const samples = await lockedWhile(running, database, 'products.products', lockMs, () =>
      burst(requests, () => shop.get('/products?limit=1')),
    );
    const lost = samples.find(each => !each.response);
    expect(!lost, `${requests} requests to exhausted pools: ${tally(samples)}`);
    const refused = samples.flatMap(each => (each.response && each.status !== 200 ? [each.response] : []));
    for (const response of refused) {
      expectProblem(response, 503);
      expect(response.headers['retry-after'], `${describe(response)} without Retry-After`);
    }
    expect(
      refused.length >= excess,
      `${requests} requests to pools of ${bound} together: ${tally(samples)}; at least ${excess} should be 503`,
    );
    const worst = worstMs(samples);
    expect(worst <= allowedMs, `an answer from an exhausted pool took ${worst} ms, more than ${allowedMs}`);
    const { ms } = await eventually('a 200 after the pools were exhausted', 15_000, async () => {
      const after = await burst(10, () => shop.get('/products?limit=1'));
      return after.every(each => each.status === 200);
    });
    return kept(`${requests} requests to pools of ${bound}: ${tally(samples)}, all within ${worst} ms`, {
      requests,
      refused: refused.length,
      worstMs: worst,
      unhinderedMs: unhindered,
      recoveredMs: ms,
    });
  },
};
