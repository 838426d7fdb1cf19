import { nodesOfKind } from '../../blueprint/blueprint.ts';
import { TIMEOUTS } from '../../journey/timeouts.ts';
import { counts, MarkedRequests, shares } from '../access-log.ts';
import { eventually, expect, kept } from '../expect.ts';
import { Broken, type Guarantee, type World } from '../guarantee.ts';
import { hasCopies } from '../guarantees/balancer-spread.ts';
import { balancerIn, balancerOf } from '../parts.ts';
import { Crowd } from './crowd.ts';
import { expectNoneFailed, figuresOf, Load } from './load.ts';

const CLIENTS = 16;
const REQUESTS = 5_000;
const LOADED_WITHIN_MS = 90_000;
/** A read that waits so long on a hung copy is given up by HAProxy (4 s), and answered by another copy. */
const WORST_WITH_CHECKS_MS = 6_000;
/** nginx alone waits for its whole read timeout, and then another copy has to answer. */
const WORST_WITHOUT_CHECKS_MS = TIMEOUTS.nginxRead * 1_000 + 1_000;
const BACK_WITHIN_MS = 20_000;

export const balancerHang: Guarantee = {
  id: 'balancer.hang-under-load',
  lines: ['E3'],
  title: `a copy that hangs under load: no GET of ${REQUESTS} fails, and it comes back when it goes on`,
  from: 'balancer',
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 120_000,
  async check(world) {
    const { running, blueprint } = world;
    const { program, node } = balancerIn(blueprint);
    const isChecked = nodesOfKind(blueprint, 'haproxy').some(({ name }) => name === node);
    const worstAllowedMs = isChecked ? WORST_WITH_CHECKS_MS : WORST_WITHOUT_CHECKS_MS;
    const crowd = await Crowd.gather(world);
    const load = new Load(world, {
      what: 'GETs',
      clients: CLIENTS,
      send: index => crowd.at(index).get('/products?limit=1', { timeoutMs: worstAllowedMs + 5_000 }),
    });
    try {
      await load.reaches(REQUESTS / 4, LOADED_WITHIN_MS);
      await running.pause(program.name, 0);
      const hungAt = performance.now();
      // All clients have met the hung copy by then, and have been answered by another.
      await load.reaches(Math.max(REQUESTS, load.ended + REQUESTS / 2), LOADED_WITHIN_MS);
      const hungMs = performance.now() - hungAt;
      const report = await load.stop();
      expectNoneFailed(report, REQUESTS, hungAt);
      expect(
        report.worstMs <= worstAllowedMs,
        `with a hung copy the slowest of ${report.sent} GETs took ${(report.worstMs / 1000).toFixed(1)} s, not at most ${worstAllowedMs / 1000} s`,
      );
      await running.resume(program.name, 0);
      const backMs = await backInRotation(world);
      return kept(
        `0 of ${report.sent} GETs failed while a copy hung for ${(hungMs / 1000).toFixed(1)} s, the slowest took ${(report.worstMs / 1000).toFixed(1)} s; back in rotation ${(backMs / 1000).toFixed(1)} s after it went on`,
        { ...figuresOf(report), hungMs: Math.round(hungMs), backMs },
      );
    } finally {
      await running.resume(program.name, 0);
      await load.stop().catch(() => {});
      crowd.close();
    }
  },
};

async function backInRotation({ running, blueprint, shop }: World): Promise<number> {
  const balancer = balancerIn(blueprint);
  const { replicas } = balancer.program;
  const { ms } = await eventually('a turn for the copy that hung', BACK_WITHIN_MS, async () => {
    const marked = new MarkedRequests(running, balancer);
    for (let request = 0; request < replicas * 4; request++) await marked.get(shop);
    const byServer = counts(await marked.servers());
    if (byServer.size === replicas) return true;
    throw new Broken(`${byServer.size} of ${replicas} copies serve: ${shares(byServer)}`);
  });
  return ms;
}
