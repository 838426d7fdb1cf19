import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { eventually, expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { servedBy, shares } from '../../system/access-log.ts';
import { type Balancer, balancerIn, balancerOf, hasCopies } from '../../system/nodes.ts';

const TURNS = 60;
/** A copy may miss its health checks on a busy machine, and then not all are there to take turns. */
const TRIES = 3;
/** A copy that came back is eased in, and a busy machine takes its time. */
const SETTLES_WITHIN_MS = TIMEOUTS.copyBack * 1000 + 11_000;

export const balancerSpread: Guarantee = {
  id: 'balancer.spread',
  lines: ['E1'],
  title: 'round-robin spreads evenly',
  from: 'balancer',
  needs: ['probes.read'],
  applies: blueprint => hasCopies(balancerOf(blueprint)) && balancerOf(blueprint)?.strategy === 'round-robin',
  async check(world) {
    const balancer = balancerIn(world.blueprint);
    const { replicas } = balancer.program;
    await eventually('an even spread of a few requests', SETTLES_WITHIN_MS, async () => {
      const byServer = await servedBy(world, balancer, replicas * 6);
      if (unevenness(byServer, replicas) <= 1) return true;
      throw new Error(shares(byServer));
    });
    const byServer = await bestSpread(world, balancer, TRIES);
    expect(
      unevenness(byServer, replicas) <= 1,
      `${replicas * TURNS} requests in turn over ${replicas} idle copies: ${shares(byServer)}; each should have ${TURNS} ± 1`,
    );
    return kept(`${replicas * TURNS} requests in turn: ${shares(byServer)}`, {
      requests: replicas * TURNS,
      fewest: Math.min(...byServer.values()),
      most: Math.max(...byServer.values()),
    });
  },
};

/** The first even spread, or the last one tried. */
async function bestSpread(world: World, balancer: Balancer, tries: number): Promise<Map<string, number>> {
  const { replicas } = balancer.program;
  const byServer = await servedBy(world, balancer, replicas * TURNS);
  if (tries <= 1 || unevenness(byServer, replicas) <= 1) return byServer;
  return await bestSpread(world, balancer, tries - 1);
}

/** The largest distance of any copy's count from an equal share. */
function unevenness(byServer: ReadonlyMap<string, number>, replicas: number): number {
  const total = [...byServer.values()].reduce((sum, count) => sum + count, 0);
  const each = Array.from({ length: replicas }, (_, index) => [...byServer.values()][index] ?? 0);
  return Math.max(...each.map(count => Math.abs(count - total / replicas)));
}
