import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { shares, untilServing } from '../../system/access-log.ts';
import { balancerIn, balancerOf } from '../../system/nodes.ts';

/** A copy that was started again has to be trusted again. */
const SETTLES_WITHIN_MS = TIMEOUTS.copyBack * 1000 + 8_000;

export const balancerAllServe: Guarantee = {
  id: 'balancer.all-serve',
  title: 'all copies serve',
  from: 'balancer',
  needs: ['probes.read'],
  applies: blueprint => balancerOf(blueprint) !== undefined,
  async check(world) {
    const balancer = balancerIn(world.blueprint);
    const { replicas } = balancer.program;
    const { value: byServer, ms } = await untilServing(world, balancer, replicas, SETTLES_WITHIN_MS);
    const requests = [...byServer.values()].reduce((sum, count) => sum + count, 0);
    return kept(`${requests} requests reached all ${replicas} copies: ${shares(byServer)}`, {
      copies: byServer.size,
      requests,
      settledMs: ms,
    });
  },
};
