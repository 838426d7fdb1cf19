import { counts, MarkedRequests } from '../access-log.ts';
import { eventually, expect, kept, sleep } from '../expect.ts';
import { type Guarantee, NotVerifiable } from '../guarantee.ts';
import { hasCopies } from '../guarantees/balancer-spread.ts';
import { balancerIn, balancerOf } from '../parts.ts';
import { Crowd } from './crowd.ts';
import { expectNoneFailed, figuresOf, Load } from './load.ts';

const CLIENTS = 8;
const REQUESTS = 5_000;
const LOADED_WITHIN_MS = 90_000;
const UP = 5;
const DOWN = 2;
/** Names are looked up every second, and a new copy is asked twice how it is. */
const FOUND_WITHIN_MS = 10_000;
/** How long the load goes on after a step: what it breaks shows itself at once. */
const AFTER_MS = 3_000;

export const balancerScale: Guarantee = {
  id: 'balancer.scale-under-load',
  lines: ['E9'],
  title: `more copies and fewer under load: no GET of ${REQUESTS} fails`,
  from: 'balancer',
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 240_000,
  async check(world) {
    const { running, blueprint, shop } = world;
    const balancer = balancerIn(blueprint);
    const { name, replicas } = balancer.program;
    if (!running.scale) throw new NotVerifiable(`the ${running.engine} engine runs a fixed number of copies`);
    const crowd = await Crowd.gather(world);
    const load = new Load(world, {
      what: 'GETs',
      clients: CLIENTS,
      send: index => crowd.at(index).get('/products?limit=1'),
    });
    const servers = async (copies: number) => {
      const { ms } = await eventually(`a turn for each of ${copies} copies`, FOUND_WITHIN_MS, async () => {
        const marked = new MarkedRequests(running, balancer);
        for (let request = 0; request < copies * 4; request++) await marked.get(shop);
        return counts(await marked.servers()).size === copies;
      });
      return ms;
    };
    try {
      await load.reaches(REQUESTS / 10, LOADED_WITHIN_MS);
      const changedAt = performance.now();
      await running.scale(name, UP);
      const foundMs = await servers(UP);
      await running.scale(name, DOWN);
      await sleep(AFTER_MS);
      await servers(DOWN);
      await running.scale(name, replicas);
      await load.reaches(REQUESTS, LOADED_WITHIN_MS);
      const report = await load.stop();
      expectNoneFailed(report, REQUESTS, changedAt);
      expect(!world.signal.aborted, 'the time was up');
      return kept(
        `0 of ${report.sent} GETs failed over ${replicas} → ${UP} → ${DOWN} → ${replicas} copies; new copies served within ${(foundMs / 1000).toFixed(1)} s`,
        { ...figuresOf(report), foundMs },
      );
    } finally {
      await load.stop().catch(() => {});
      crowd.close();
      await running.scale(name, replicas);
    }
  },
};
