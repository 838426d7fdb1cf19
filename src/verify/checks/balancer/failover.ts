import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { expect, expectWithin, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { load, type Sample, tally, worstMs } from '../../load/burst.ts';
import { withBound } from '../../load/rule-of-three.ts';
import { servedBy, shares, untilServing } from '../../system/access-log.ts';
import { BACK_MS, hold, Trail, UNREACHABLE_MS, untilItHits } from '../../system/bites.ts';
import { type Balancer, balancerIn, balancerOf, hasCopies, startAll } from '../../system/nodes.ts';

const BEFORE_MS = 500;
/** nginx gives a copy that failed another chance: the load must still be there. */
const AFTER_MS = TIMEOUTS.copyBack * 1000;
/** Two failed checks; whoever only learns from failed requests must try elsewhere at once. */
const OUT_WITHIN_MS = TIMEOUTS.haproxyCheckEvery * 1000 + 500;
const BACK_WITHIN_MS = 20_000;
const CLIENTS = 8;

export const balancerFailover: Guarantee = {
  id: 'balancer.failover',
  lines: ['E6'],
  title: 'a killed copy leaves rotation, and comes back when it is started',
  from: 'balancer',
  needs: ['probes.read'],
  limitMs: 90_000,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  async check(world) {
    const { running, blueprint, probes } = world;
    const balancer = balancerIn(blueprint);
    const { program } = balancer;
    const victim = { program, copy: 0 };
    let samples: readonly Sample[] = [];
    try {
      let outMs = 0;
      const hit = await untilItHits(async heldMs => {
        if (samples.length > 0) {
          await startAll(running, [victim]);
          await sleep(BACK_MS);
        }
        const killed = await loadedKill(world, balancer, heldMs);
        samples = killed.samples;
        const failed = samples.filter(sample => !probes.isRead(sample));
        outMs = Math.round(Math.max(0, ...failed.map(({ at, ms }) => at + ms - killed.at)));
        expectWithin(
          outMs,
          OUT_WITHIN_MS,
          `GETs still failed ${(outMs / 1000).toFixed(1)} s after a copy was killed: ${tally(samples)}`,
        );
        return failed.length + killed.sentAgain;
      });
      const failed = samples.filter(sample => !probes.isRead(sample)).length;
      await expectOut(world, balancer);
      await startAll(running, [victim]);
      const back = await untilServing(world, balancer, program.replicas, BACK_WITHIN_MS);
      const told =
        failed === 0
          ? `${withBound(samples.length)} GETs failed`
          : `${failed} of ${samples.length} GETs failed, the last ${(outMs / 1000).toFixed(1)} s after the kill`;
      return kept(
        `${told}; the kill hit ${hit}; back in rotation ${(back.ms / 1000).toFixed(1)} s after its start`,
        {
          requests: samples.length,
          failed,
          hit,
          outSeconds: outMs / 1000,
          backSeconds: back.ms / 1000,
          worstMs: worstMs(samples),
        },
      );
    } finally {
      await startAll(running, [victim]);
    }
  },
};

interface KilledCopy {
  readonly samples: readonly Sample[];
  /** When that was, in the load's time. */
  readonly at: number;
  /** How many requests another copy had to answer. */
  readonly sentAgain: number;
}

/** Kills the first copy in the middle of a load. */
async function loadedKill(world: World, { node, program }: Balancer, heldMs: number): Promise<KilledCopy> {
  const { running, probes } = world;
  const trail = new Trail(world, node);
  const started = performance.now();
  let endsAt = Number.POSITIVE_INFINITY;
  const loaded = load({
    clients: CLIENTS,
    goOn: () => performance.now() < endsAt,
    send: index => probes.read({ headers: trail.headers(index) }),
  });
  try {
    await sleep(BEFORE_MS);
    await hold(running, program.name, 0, heldMs);
    await running.kill(program.name, 0);
    const at = performance.now() - started;
    endsAt = performance.now() + AFTER_MS;
    // While the load goes on: an engine keeps only the last lines of a log, and a quick machine writes many.
    await sleep(UNREACHABLE_MS);
    const sentAgain = [...(await trail.look()).values()].filter(({ again }) => again > 0).length;
    return { samples: await loaded, at, sentAgain };
  } finally {
    endsAt = 0;
  }
}

async function expectOut(world: World, balancer: Balancer): Promise<void> {
  const { replicas } = balancer.program;
  const byServer = await servedBy(world, balancer, replicas * 8);
  expect(
    byServer.size === replicas - 1,
    `with one of ${replicas} copies killed, ${byServer.size} serve: ${shares(byServer)}`,
  );
}
