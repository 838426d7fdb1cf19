import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { load, tally, worstMs } from '../../load/burst.ts';
import { MarkedRequests, servedBy, shares, untilServing } from '../../system/access-log.ts';
import { type Balancer, balancerIn, balancerOf, startAll } from '../../system/nodes.ts';
import { hasCopies } from './spread.ts';

const BEFORE_MS = 500;
/** nginx counts in whole seconds, and gives a copy that failed another chance after 2 to 3 s: the load must still be there. */
const AFTER_MS = 4_000;
/** Two failed checks a second apart at most; whoever only learns from failed requests must try elsewhere at once. */
const OUT_WITHIN_MS = 1_500;
const BACK_WITHIN_MS = 20_000;
const CLIENTS = 8;

export const balancerFailover: Guarantee = {
  id: 'balancer.failover',
  lines: ['E6'],
  title: 'a killed copy leaves rotation, and comes back when it is started',
  from: 'balancer',
  limitMs: 60_000,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  async check(world) {
    const { running, blueprint, shop } = world;
    const balancer = balancerIn(blueprint);
    const { program } = balancer;
    const victim = { program, copy: 0 };
    const marked = new MarkedRequests(running, balancer);
    const started = performance.now();
    let killedAt = 0;
    try {
      const loaded = load({
        clients: CLIENTS,
        goOn: () => killedAt === 0 || performance.now() - started < killedAt + AFTER_MS,
        send: () => marked.get(shop),
      });
      await sleep(BEFORE_MS);
      await running.kill(program.name, 0);
      killedAt = performance.now() - started;
      const samples = await loaded;
      const failed = samples.filter(sample => sample.status !== 200);
      const outMs = Math.round(Math.max(0, ...failed.map(sample => sample.at + sample.ms - killedAt)));
      expect(
        outMs <= OUT_WITHIN_MS,
        `GETs still failed ${(outMs / 1000).toFixed(1)} s after a copy was killed: ${tally(samples)}`,
      );
      await expectOut(world, balancer);
      await startAll(running, [victim]);
      const back = await untilServing(world, balancer, program.replicas, BACK_WITHIN_MS);
      return kept(
        `${failed.length} of ${samples.length} GETs failed, the last ${(outMs / 1000).toFixed(1)} s after the kill; back in rotation ${(back.ms / 1000).toFixed(1)} s after its start`,
        {
          requests: samples.length,
          failed: failed.length,
          outSeconds: outMs / 1000,
          backSeconds: back.ms / 1000,
          worstMs: worstMs(samples),
        },
      );
    } finally {
      killedAt ||= performance.now() - started;
      await startAll(running, [victim]);
    }
  },
};

async function expectOut(world: World, balancer: Balancer): Promise<void> {
  const { replicas } = balancer.program;
  const byServer = await servedBy(world, balancer, replicas * 8);
  expect(
    byServer.size === replicas - 1,
    `with one of ${replicas} copies killed, ${byServer.size} serve: ${shares(byServer)}`,
  );
}
