import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { load, tally } from '../../load/burst.ts';
import { counts, MarkedRequests, shares } from '../../system/access-log.ts';
import { balancerIn, balancerOf, hasCopies } from '../../system/nodes.ts';

const LOAD_MS = 3_000;
/** The slowed copy hardly works, but often enough to pass its health checks. */
const PAUSED_MS = 700;
const AWAKE_MS = 30;

export const balancerFavoursFast: Guarantee = {
  id: 'balancer.favours-fast',
  lines: ['E1'],
  title: 'least-connections favours the fast copies',
  from: 'balancer',
  needs: ['probes.read'],
  applies: blueprint =>
    hasCopies(balancerOf(blueprint)) && balancerOf(blueprint)?.strategy === 'least-connections',
  async check(world) {
    const { running, blueprint, probes } = world;
    const balancer = balancerIn(blueprint);
    const { name, replicas } = balancer.program;
    let loading = true;
    const slowed = (async () => {
      while (loading) {
        await running.pause(name, 0);
        await sleep(PAUSED_MS);
        await running.resume(name, 0);
        await sleep(AWAKE_MS);
      }
    })();
    const marked = new MarkedRequests(world, balancer);
    const started = performance.now();
    try {
      const samples = await load({
        clients: replicas * 4,
        goOn: () => performance.now() - started < LOAD_MS,
        send: () => marked.read(probes),
      });
      // A request on the slow copy may run into a time limit there; that is not what is measured here.
      const failed = samples.filter(sample => !probes.isRead(sample));
      expect(failed.length <= samples.length / 3, `with one slow copy: ${tally(samples)}`);
    } finally {
      loading = false;
      await slowed.finally(() => running.resume(name, 0));
    }
    const byServer = counts(await marked.servers());
    const fewest = byServer.size < replicas ? 0 : Math.min(...byServer.values());
    const share = fewest / (marked.sent / replicas);
    const figures = { requests: marked.sent, slowShareOfEqual: Number(share.toFixed(3)) };
    expect(
      share < 1 / 3,
      `the slowed copy got ${Math.round(share * 100)} % of an equal share, not less than a third: ${shares(byServer)}`,
    );
    return kept(
      `the slowed copy got ${Math.round(share * 100)} % of an equal share: ${shares(byServer)}`,
      figures,
    );
  },
};
