import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { load, tally } from '../../load/burst.ts';
import { counts, MarkedRequests, shares } from '../../system/access-log.ts';
import { balancerIn, balancerOf } from '../../system/nodes.ts';
import { hasCopies } from './spread.ts';

const LOAD_MS = 3_000;
/** The slowed copy hardly works, but often enough to pass its health checks. */
const PAUSED_MS = 700;
const AWAKE_MS = 30;

export const balancerFavoursFast: Guarantee = {
  id: 'balancer.favours-fast',
  lines: ['E1'],
  title: 'least-connections favours the fast copies',
  from: 'balancer',
  applies: blueprint =>
    hasCopies(balancerOf(blueprint)) && balancerOf(blueprint)?.strategy === 'least-connections',
  async check({ running, blueprint, shop }) {
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
    const marked = new MarkedRequests(running, balancer);
    const started = performance.now();
    try {
      const samples = await load({
        clients: replicas * 4,
        goOn: () => performance.now() - started < LOAD_MS,
        send: () => marked.get(shop),
      });
      // A request on the slow copy may run into a time limit there; that is not what is measured here.
      const failed = samples.filter(sample => sample.status !== 200);
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
