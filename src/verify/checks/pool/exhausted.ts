import {
  CONNECT_MS,
  LOCK_MS,
} from '../../../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import { eventually, expect, expectProblem, expectWithin, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { burst, tally, worstMs } from '../../load/burst.ts';
import { databaseOfReads, whileReadsWait } from '../../load/held-reads.ts';
import { poolBound } from '../../system/nodes.ts';

/** So many requests for each connection that waiting for a turn alone would take longer than is allowed. */
const TIMES_THE_BOUND = 3;
/** For a connection, for a lock, and a second to say so. What the machine itself takes is measured, and comes on top. */
const ANSWER_WITHIN_MS = CONNECT_MS + LOCK_MS + 1_000;
const LOCK_LASTS_LONGER_MS = 500;
const WARM_UP = 40;

export const poolExhausted: Guarantee = {
  id: 'pool.exhausted',
  lines: ['D3'],
  title: 'an exhausted pool answers 503 with Retry-After, and never hangs',
  from: 'pool',
  needs: ['probes.read', 'database.lock'],
  async check(world) {
    const { blueprint, probes } = world;
    const database = await databaseOfReads(world);
    const { bound } = poolBound(blueprint, database);
    const requests = bound * TIMES_THE_BOUND + 24;
    const excess = requests - bound;
    const unhindered = worstMs(await burst(WARM_UP, () => probes.read()));
    const allowedMs = ANSWER_WITHIN_MS + unhindered;
    const lockMs = allowedMs + LOCK_LASTS_LONGER_MS;
    const samples = await whileReadsWait(world, lockMs, () => burst(requests, () => probes.read()));
    const lost = samples.find(each => !each.response);
    expect(!lost, `${requests} requests to exhausted pools: ${tally(samples)}`);
    const refused = samples.flatMap(each => (each.response && !probes.isRead(each) ? [each.response] : []));
    for (const response of refused) {
      expectProblem(response, 503);
      expect(response.headers['retry-after'], `${describe(response)} without Retry-After`);
    }
    expect(
      refused.length >= excess,
      `${requests} requests to pools of ${bound} together: ${tally(samples)}; at least ${excess} should be 503`,
    );
    const worst = worstMs(samples);
    expectWithin(
      worst,
      allowedMs,
      `an answer from an exhausted pool took ${worst} ms, more than ${allowedMs}`,
    );
    const { ms } = await eventually('a good answer after the pools were exhausted', 15_000, async () => {
      const after = await burst(10, () => probes.read());
      return after.every(probes.isRead);
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
