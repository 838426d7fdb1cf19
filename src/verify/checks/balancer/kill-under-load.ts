import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { expectNoneFailed, figuresOf, REQUESTS } from '../../load/steady.ts';
import { readers, underLoad } from '../../load/under-load.ts';
import { balancerIn, balancerOf, startAll } from '../../system/nodes.ts';
import { hasCopies } from './spread.ts';

const CLIENTS = 16;

export const balancerKill: Guarantee = {
  id: 'balancer.kill-under-load',
  lines: ['E2'],
  title: `kill -9 of a copy under load: no GET of ${REQUESTS} fails`,
  from: 'balancer',
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 120_000,
  async check(world) {
    const { running, blueprint } = world;
    const { program } = balancerIn(blueprint);
    return await underLoad(world, {
      start: crowd => [readers(world, crowd, CLIENTS)],
      work: async load => {
        await load.reaches(REQUESTS / 4);
        await running.kill(program.name, 0);
        const killedAt = performance.now();
        await load.reaches(REQUESTS);
        const report = await load.stop();
        expectNoneFailed(report, REQUESTS, killedAt);
        return kept(
          `0 of ${report.sent} GETs failed, the slowest took ${report.worstMs} ms`,
          figuresOf(report),
        );
      },
      restore: () => startAll(running, [{ program, copy: 0 }]),
    });
  },
};
