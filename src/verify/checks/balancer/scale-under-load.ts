import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { withBound } from '../../load/rule-of-three.ts';
import { expectNoneFailed, figuresOf, REQUESTS } from '../../load/steady.ts';
import { steadyReaders, underLoad } from '../../load/under-load.ts';
import { NotVerifiable } from '../../outcome.ts';
import { untilServing } from '../../system/access-log.ts';
import { UNREACHABLE_MS } from '../../system/bites.ts';
import { balancerIn, balancerOf, hasCopies } from '../../system/nodes.ts';

const UP = 5;
const DOWN = 2;
/** Names are looked up every second, and a new copy is asked twice how it is. */
const FOUND_WITHIN_MS = 10_000;
/** How long the load goes on after a step: what it breaks shows itself at once. */
const AFTER_MS = 3_000;

export const balancerScale: Guarantee = {
  id: 'balancer.scale-under-load',
  lines: ['E9'],
  title: `more copies and fewer under load: no GET of ${REQUESTS} fails`,
  from: 'balancer',
  needs: ['probes.read'],
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 240_000,
  async check(world) {
    const { running, blueprint } = world;
    const balancer = balancerIn(blueprint);
    const { name, replicas } = balancer.program;
    if (!running.scale) throw new NotVerifiable(`the ${running.engine} engine runs a fixed number of copies`);
    const scale = running.scale.bind(running);
    return await underLoad(world, {
      start: async crowd => [await steadyReaders(world, crowd, { longestWaitMs: UNREACHABLE_MS })],
      work: async load => {
        await load.reaches(REQUESTS / 10);
        const changedAt = performance.now();
        await scale(name, UP);
        const { ms: foundMs } = await untilServing(world, balancer, UP, FOUND_WITHIN_MS);
        await scale(name, DOWN);
        await sleep(AFTER_MS);
        await untilServing(world, balancer, DOWN, FOUND_WITHIN_MS);
        await scale(name, replicas);
        await load.reaches(REQUESTS);
        const report = await load.stop();
        expectNoneFailed(report, REQUESTS, changedAt);
        expect(!world.signal.aborted, 'the time was up');
        return kept(
          `GETs that failed: ${withBound(report.sent)} over ${replicas} → ${UP} → ${DOWN} → ${replicas} copies; new copies served within ${(foundMs / 1000).toFixed(1)} s`,
          { ...figuresOf(report), foundMs },
        );
      },
      restore: () => scale(name, replicas),
    });
  },
};
