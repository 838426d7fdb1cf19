import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { eventually, expect, expectProblem, expectWithin, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { load, tally, worstMs } from '../../load/burst.ts';
import {
  balancerIn,
  balancerOf,
  copiesOf,
  isActivelyChecked,
  killAll,
  startAll,
} from '../../system/nodes.ts';

const CLIENTS = 4;
const DOWN_MS = 5_000;
/** Failed checks, and in containers names that nobody answers to any more. */
const SETTLED_MS = TIMEOUTS.drain * 1000;
const WITHIN_MS = 1_000;
const BACK_WITHIN_MS = TIMEOUTS.copyBack * 1000 + 1_000;

export const balancerAllDown: Guarantee = {
  id: 'balancer.all-down',
  lines: ['E7'],
  title: 'with all copies gone the door says so at once, and recovers unaided',
  from: 'balancer',
  needs: ['probes.read'],
  drill: true,
  applies: blueprint => balancerOf(blueprint) !== undefined,
  limitMs: 60_000,
  async check({ running, blueprint, probes }) {
    const { program, node } = balancerIn(blueprint);
    const copies = copiesOf(program);
    const isChecked = isActivelyChecked(blueprint, node);
    try {
      await killAll(running, copies);
      const downAt = performance.now();
      const samples = await load({
        clients: CLIENTS,
        goOn: () => performance.now() < downAt + DOWN_MS,
        send: () => probes.read(),
      });
      const settled = samples.filter(({ at }) => at >= SETTLED_MS);
      for (const { response, failure } of settled) {
        expect(response, `with all copies gone a request was left without an answer: ${failure}`);
        // nginx alone learns only from its own request that nobody is there: 502, or 504 where nobody refuses.
        expectProblem(response, isChecked ? 503 : response.status);
        expect(response.status >= 502, `with all copies gone: ${tally(settled)}`);
        expect(response.headers['retry-after'], `${response.status} without Retry-After`);
      }
      const worst = worstMs(settled);
      expect(settled.length > 0, 'with all copies gone nothing could be asked');
      expectWithin(worst, WITHIN_MS, `with all copies gone an answer took ${worst} ms`);
      await startAll(running, copies);
      const back = await eventually('a good answer after all copies came back', BACK_WITHIN_MS, async () =>
        probes.isRead(await probes.read()),
      );
      return kept(
        `${tally(samples)}; once settled within ${worst} ms, before within ${worstMs(samples)} ms; first good answer ${back.ms} ms after the copies were back`,
        { requests: samples.length, worstMs: worst, unsettledWorstMs: worstMs(samples), backMs: back.ms },
      );
    } finally {
      await startAll(running, copies);
    }
  },
};
