import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { withBound } from '../../load/rule-of-three.ts';
import { expectNoneFailed, figuresOf, REQUESTS } from '../../load/steady.ts';
import { steadyReaders, underLoad } from '../../load/under-load.ts';
import { harmed, killUntilItHits, Trail, UNREACHABLE_MS } from '../../system/bites.ts';
import { balancerIn, balancerOf, hasCopies, startAll } from '../../system/nodes.ts';

export const balancerKill: Guarantee = {
  id: 'balancer.kill-under-load',
  lines: ['E2'],
  title: `kill -9 of a copy under load: no GET of ${REQUESTS} fails`,
  from: 'balancer',
  needs: ['probes.read'],
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 150_000,
  async check(world) {
    const { running, blueprint } = world;
    const { program, node } = balancerIn(blueprint);
    const victim = { program, copy: 0 };
    const trail = new Trail(world, node);
    return await underLoad(world, {
      start: async crowd => [await steadyReaders(world, crowd, { longestWaitMs: UNREACHABLE_MS, trail })],
      work: async load => {
        await load.reaches(REQUESTS / 4);
        const { hit, killedAt } = await killUntilItHits(running, victim, UNREACHABLE_MS, period =>
          harmed(load, trail, period),
        );
        await load.reaches(REQUESTS);
        const report = await load.stop();
        expectNoneFailed(report, REQUESTS, killedAt);
        return kept(
          `GETs that failed: ${withBound(report.sent)}; ${hit} that the kill hit were answered by another copy; the slowest took ${report.worstMs} ms`,
          { ...figuresOf(report), hit },
        );
      },
      restore: () => startAll(running, [victim]),
    });
  },
};
