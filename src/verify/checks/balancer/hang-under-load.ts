import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { expectNoneFailed, figuresOf, REQUESTS } from '../../load/steady.ts';
import { readers, underLoad } from '../../load/under-load.ts';
import { untilServing } from '../../system/access-log.ts';
import { balancerIn, balancerOf, isActivelyChecked } from '../../system/nodes.ts';
import { hasCopies } from './spread.ts';

const CLIENTS = 16;
/** A read that waits so long on a hung copy is given up by HAProxy (4 s), and answered by another copy. */
const WORST_WITH_CHECKS_MS = 6_000;
/** nginx alone waits for its whole read timeout, and then another copy has to answer. */
const WORST_WITHOUT_CHECKS_MS = TIMEOUTS.nginxRead * 1_000 + 1_000;
const BACK_WITHIN_MS = 20_000;

export const balancerHang: Guarantee = {
  id: 'balancer.hang-under-load',
  lines: ['E3'],
  title: `a copy that hangs under load: no GET of ${REQUESTS} fails, and it comes back when it goes on`,
  from: 'balancer',
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 120_000,
  async check(world) {
    const { running, blueprint } = world;
    const balancer = balancerIn(blueprint);
    const { program } = balancer;
    const worstAllowedMs = isActivelyChecked(blueprint, balancer.node)
      ? WORST_WITH_CHECKS_MS
      : WORST_WITHOUT_CHECKS_MS;
    return await underLoad(world, {
      start: crowd => [readers(world, crowd, CLIENTS, { timeoutMs: worstAllowedMs + 5_000 })],
      work: async load => {
        await load.reaches(REQUESTS / 4);
        await running.pause(program.name, 0);
        const hungAt = performance.now();
        // All clients have met the hung copy by then, and have been answered by another.
        await load.reaches(Math.max(REQUESTS, load.ended + REQUESTS / 2));
        const hungMs = performance.now() - hungAt;
        const report = await load.stop();
        expectNoneFailed(report, REQUESTS, hungAt);
        expect(
          report.worstMs <= worstAllowedMs,
          `with a hung copy the slowest of ${report.sent} GETs took ${(report.worstMs / 1000).toFixed(1)} s, not at most ${worstAllowedMs / 1000} s`,
        );
        await running.resume(program.name, 0);
        const { ms: backMs } = await untilServing(world, balancer, program.replicas, BACK_WITHIN_MS);
        return kept(
          `0 of ${report.sent} GETs failed while a copy hung for ${(hungMs / 1000).toFixed(1)} s, the slowest took ${(report.worstMs / 1000).toFixed(1)} s; back in rotation ${(backMs / 1000).toFixed(1)} s after it went on`,
          { ...figuresOf(report), hungMs: Math.round(hungMs), backMs },
        );
      },
      restore: () => running.resume(program.name, 0),
    });
  },
};
