import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { shares, untilServing } from '../../system/access-log.ts';
import { balancerIn, balancerOf } from '../../system/nodes.ts';

/** A copy that was started again is trusted after two good checks (HAProxy), or tried again after 2 s (nginx). */
const SETTLES_WITHIN_MS = 12_000;

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
