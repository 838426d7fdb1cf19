import { describe } from '../client.ts';
import { eventually, expect, expectProblem, kept } from '../expect.ts';
import type { Guarantee } from '../guarantee.ts';
import { burst, tally, worstMs } from '../load.ts';
import { lockedWhile } from '../locks.ts';
import { databaseHolding, poolBound } from '../parts.ts';

const LOCK_MS = 5_500;
/** So many requests for each connection that waiting for a turn alone would take longer than is allowed. */
const TIMES_THE_BOUND = 3;
/** A request waits 2 s for a connection and 1.5 s for a lock; the rest is for a busy machine. */
const ANSWER_WITHIN_MS = 5_000;

export const poolExhausted: Guarantee = {
  id: 'pool.exhausted',
  title: 'an exhausted pool answers 503 with Retry-After, and never hangs',
  from: 'pool',
  async check({ running, blueprint, shop }) {
    const database = await databaseHolding(running, 'products.products');
    const { bound } = poolBound(blueprint, database);
    const requests = bound * TIMES_THE_BOUND + 24;
    const excess = requests - bound;
    const samples = await lockedWhile(running, database, 'products.products', LOCK_MS, () =>
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
    expect(
      worst <= ANSWER_WITHIN_MS,
      `an answer from an exhausted pool took ${worst} ms, more than ${ANSWER_WITHIN_MS}`,
    );
    const { ms } = await eventually('a 200 after the pools were exhausted', 15_000, async () => {
      const after = await burst(10, () => shop.get('/products?limit=1'));
      return after.every(each => each.status === 200);
    });
    return kept(`${requests} requests to pools of ${bound}: ${tally(samples)}, all within ${worst} ms`, {
      requests,
      refused: refused.length,
      worstMs: worst,
      recoveredMs: ms,
    });
  },
};
