import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { expectWithin, kept, sleep } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { withBound } from '../../load/rule-of-three.ts';
import { expectNoneFailed, figuresOf, REQUESTS } from '../../load/steady.ts';
import { steadyReaders, underLoad } from '../../load/under-load.ts';
import { untilServing } from '../../system/access-log.ts';
import { BACK_MS, harmed, stuck, Trail, untilItHits } from '../../system/bites.ts';
import { balancerIn, balancerOf, hasCopies, isActivelyChecked } from '../../system/nodes.ts';

/** How long another copy may take to answer what was given up, on a busy machine. */
const ANSWERED_MS = { withChecks: 2_000, withoutChecks: 1_000 };
/** Nothing else keeps a read waiting so long. */
const STUCK_MS = 2_000;
const BACK_WITHIN_MS = 20_000;

export const balancerHang: Guarantee = {
  id: 'balancer.hang-under-load',
  lines: ['E3'],
  title: `a copy that hangs under load: no GET of ${REQUESTS} fails, and it comes back when it goes on`,
  from: 'balancer',
  needs: ['probes.read'],
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 180_000,
  async check(world) {
    const { running, blueprint } = world;
    const balancer = balancerIn(blueprint);
    const { program } = balancer;
    const { givenUpMs, worstAllowedMs } = limitsOf(isActivelyChecked(blueprint, balancer.node));
    const trail = new Trail(world, balancer.node);
    return await underLoad(world, {
      start: async crowd => {
        const waits = { longestWaitMs: givenUpMs, oneOf: program.replicas };
        return [await steadyReaders(world, crowd, { ...waits, trail, timeoutMs: worstAllowedMs + 5_000 })];
      },
      work: async load => {
        await load.reaches(REQUESTS / 4);
        let hungAt = 0;
        const hit = await untilItHits(async () => {
          if (hungAt > 0) {
            await running.resume(program.name, 0);
            await sleep(BACK_MS);
          }
          hungAt = performance.now();
          await running.pause(program.name, 0);
          // The first that met it are given up by then, and all others have been answered.
          await sleep(givenUpMs + STUCK_MS);
          const until = performance.now();
          return stuck(load.spans, until, STUCK_MS) + (await harmed(load, trail, { from: hungAt, until }));
        });
        await load.reaches(REQUESTS);
        const hungMs = performance.now() - hungAt;
        const report = await load.stop();
        expectNoneFailed(report, REQUESTS, hungAt);
        const worst = (report.worstMs / 1000).toFixed(1);
        expectWithin(
          report.worstMs,
          worstAllowedMs,
          `with a hung copy the slowest of ${report.sent} GETs took ${worst} s, not at most ${worstAllowedMs / 1000} s`,
        );
        await running.resume(program.name, 0);
        const { ms: backMs } = await untilServing(world, balancer, program.replicas, BACK_WITHIN_MS);
        return kept(
          `GETs that failed: ${withBound(report.sent)}; a copy hung for ${(hungMs / 1000).toFixed(1)} s with ${hit} on it, the slowest took ${worst} s; back in rotation ${(backMs / 1000).toFixed(1)} s after it went on`,
          { ...figuresOf(report), hit, hungMs: Math.round(hungMs), backMs },
        );
      },
      restore: () => running.resume(program.name, 0),
    });
  },
};

/** After how long a read on a hung copy is given up, and how long it may take until another copy has answered it. */
function limitsOf(isChecked: boolean): { givenUpMs: number; worstAllowedMs: number } {
  // nginx alone waits for its whole read timeout.
  const givenUpMs = (isChecked ? TIMEOUTS.haproxyRead : TIMEOUTS.nginxRead) * 1_000;
  const answeredMs = isChecked ? ANSWERED_MS.withChecks : ANSWERED_MS.withoutChecks;
  return { givenUpMs, worstAllowedMs: givenUpMs + answeredMs };
}
