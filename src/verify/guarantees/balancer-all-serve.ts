import { counts, MarkedRequests, shares } from '../access-log.ts';
import { expect, expectStatus, kept } from '../expect.ts';
import type { Guarantee } from '../guarantee.ts';
import { balancerIn, balancerOf } from '../parts.ts';

export const balancerAllServe: Guarantee = {
  id: 'balancer.all-serve',
  title: 'all copies serve',
  from: 'balancer',
  applies: blueprint => balancerOf(blueprint) !== undefined,
  async check({ running, blueprint, shop }) {
    const balancer = balancerIn(blueprint);
    const { replicas, name } = balancer.program;
    const marked = new MarkedRequests(running, balancer);
    for (let request = 0; request < replicas * 8; request++) expectStatus(await marked.get(shop), 200);
    const byServer = counts(await marked.servers());
    expect(
      byServer.size === replicas,
      `${marked.sent} requests reached ${byServer.size} of ${replicas} copies of ${name}: ${shares(byServer)}`,
    );
    return kept(`${marked.sent} requests reached all ${replicas} copies: ${shares(byServer)}`, {
      copies: byServer.size,
      requests: marked.sent,
    });
  },
};
