import { counts, MarkedRequests, shares } from '../access-log.ts';
import { eventually, expectStatus, kept } from '../expect.ts';
import { Broken, type Guarantee } from '../guarantee.ts';
import { balancerIn, balancerOf } from '../parts.ts';

/** A copy that was started again is trusted after two good checks (HAProxy), or tried again after 2 s (nginx). */
const SETTLES_WITHIN_MS = 12_000;

export const balancerAllServe: Guarantee = {
  id: 'balancer.all-serve',
  title: 'all copies serve',
  from: 'balancer',
  applies: blueprint => balancerOf(blueprint) !== undefined,
  async check({ running, blueprint, shop }) {
    const balancer = balancerIn(blueprint);
    const { replicas, name } = balancer.program;
    const requests = replicas * 8;
    const { value: byServer, ms } = await eventually('a turn for every copy', SETTLES_WITHIN_MS, async () => {
      const marked = new MarkedRequests(running, balancer);
      for (let request = 0; request < requests; request++) expectStatus(await marked.get(shop), 200);
      const byServer = counts(await marked.servers());
      if (byServer.size === replicas) return byServer;
      throw new Broken(
        `${requests} requests reached ${byServer.size} of ${replicas} copies of ${name}: ${shares(byServer)}`,
      );
    });
    return kept(`${requests} requests reached all ${replicas} copies: ${shares(byServer)}`, {
      copies: byServer.size,
      requests,
      settledMs: ms,
    });
  },
};
