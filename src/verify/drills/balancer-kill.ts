import { kept } from '../expect.ts';
import type { Guarantee } from '../guarantee.ts';
import { hasCopies } from '../guarantees/balancer-spread.ts';
import { balancerIn, balancerOf, startAll } from '../parts.ts';
import { Crowd } from './crowd.ts';
import { expectNoneFailed, figuresOf, Load } from './load.ts';

const CLIENTS = 16;
const REQUESTS = 5_000;
const LOADED_WITHIN_MS = 90_000;

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
    const crowd = await Crowd.gather(world);
    const load = new Load(world, {
      what: 'GETs',
      clients: CLIENTS,
      send: index => crowd.at(index).get('/products?limit=1'),
    });
    try {
      await load.reaches(REQUESTS / 4, LOADED_WITHIN_MS);
      await running.kill(program.name, 0);
      const killedAt = performance.now();
      await load.reaches(REQUESTS, LOADED_WITHIN_MS);
      const report = await load.stop();
      expectNoneFailed(report, REQUESTS, killedAt);
      return kept(
        `0 of ${report.sent} GETs failed, the slowest took ${report.worstMs} ms`,
        figuresOf(report),
      );
    } finally {
      await load.stop().catch(() => {});
      crowd.close();
      await startAll(running, [{ program, copy: 0 }]);
    }
  },
};
