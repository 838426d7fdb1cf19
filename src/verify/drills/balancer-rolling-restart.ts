import { randomUUID } from 'node:crypto';
import { expect, kept, sleep } from '../expect.ts';
import type { Guarantee, World } from '../guarantee.ts';
import { hasCopies } from '../guarantees/balancer-spread.ts';
import { balancerIn, balancerOf, basePathOf, type Copy, copiesOf, startAll } from '../parts.ts';
import { Crowd } from './crowd.ts';
import { expectNoneFailed, figuresOf, Load, type LoadReport, outcomesOf } from './load.ts';

const REQUESTS = 5_000;
const CLIENTS = { gets: 8, posts: 3, slow: 6 };
/** How long the body of a slow request takes. */
const SLOW_MS = 1_000;
const LOADED_WITHIN_MS = 90_000;
const WARM_UP_REQUESTS = 300;
/** How soon after SIGTERM a copy must say that it wants no more requests. */
const TOLD_WITHIN_MS = 500;
/** The program's own limit is 20 s, then it exits with 1. */
const EXIT_WITHIN_MS = 25_000;

export const balancerRollingRestart: Guarantee = {
  id: 'balancer.rolling-restart',
  lines: ['E4', 'E5'],
  title: `all copies restarted one after another under load: no request of ${REQUESTS} fails`,
  from: 'balancer',
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 150_000,
  async check(world) {
    const { running, blueprint } = world;
    const copies = copiesOf(balancerIn(blueprint).program);
    const crowd = await Crowd.gather(world);
    const loads = await startLoads(world, crowd);
    const started = performance.now();
    const ended = () => loads.reduce((sum, load) => sum + load.ended, 0);
    try {
      await loads[0]?.reaches(WARM_UP_REQUESTS, LOADED_WITHIN_MS);
      const restartingAt = performance.now();
      for (const copy of copies) await restartInOrder(world, copy);
      const restartsMs = Math.round(performance.now() - restartingAt);
      while (ended() < REQUESTS && performance.now() - started < LOADED_WITHIN_MS) await sleep(50);
      const reports = await Promise.all(loads.map(load => load.stop()));
      for (const report of reports) expectNoneFailed(report, 1, restartingAt);
      const sent = reports.reduce((sum, report) => sum + report.sent, 0);
      expect(sent >= REQUESTS, `only ${sent} requests were sent: ${REQUESTS} are needed`);
      return kept(
        `0 of ${sent} failed while ${copies.length} copies were restarted: ${reports.map(told).join('; ')}`,
        { ...figuresOf(reports[0] as LoadReport), requests: sent, failed: 0, restartsMs },
      );
    } finally {
      await Promise.all(loads.map(load => load.stop().catch(() => {})));
      crowd.close();
      await startAll(running, copies);
    }
  },
};

function told(report: LoadReport): string {
  return `${report.what} ${outcomesOf(report)}, worst ${Math.round(report.worstMs)} ms`;
}

/** Reads, orders, and orders whose body takes its time; nobody sends anything twice. */
async function startLoads(world: World, crowd: Crowd): Promise<Load[]> {
  const cookie = await world.shop.login();
  const isGood = ({ status }: { status: number }) => status === 201 || status === 202;
  const body = { items: [{ productId: 1, quantity: 1 }] };
  return [
    new Load(world, {
      what: 'GETs',
      clients: CLIENTS.gets,
      send: index => crowd.at(index).get('/products?limit=1'),
    }),
    new Load(world, {
      what: 'orders',
      clients: CLIENTS.posts,
      isGood,
      send: index => crowd.at(index).order(cookie, { key: randomUUID() }),
    }),
    new Load(world, {
      what: 'slow orders',
      clients: CLIENTS.slow,
      isGood,
      send: index =>
        crowd.at(index).slowly('POST', '/orders', {
          cookie,
          body,
          headers: { 'idempotency-key': randomUUID() },
          midway: () => sleep(SLOW_MS),
        }),
    }),
  ];
}

async function restartInOrder(world: World, { program, copy }: Copy): Promise<void> {
  const { running } = world;
  await running.terminate(program.name, copy);
  await expectDraining(world, { program, copy });
  const code = await running.exited(program.name, copy, EXIT_WITHIN_MS);
  expect(
    code === 0,
    `copy ${copy} of ${program.name} exited with ${code ?? 'a signal'} after SIGTERM, not with 0`,
  );
  await running.start(program.name, copy);
}

/** A copy that is leaving says so to the balancer, and still is alive: whoever restarts the dead leaves it alone. */
async function expectDraining({ running, shop }: World, { program, copy }: Copy): Promise<void> {
  const address = running.address(program.name, copy);
  if (!address) return;
  const direct = shop.direct(address, basePathOf(program));
  const status = async (path: string) => (await direct.get(path, { from: 'root' })).status;
  try {
    const seen: number[] = [];
    const until = performance.now() + TOLD_WITHIN_MS;
    do {
      seen.splice(0, 2, await status('/readyz'), await status('/livez'));
    } while (seen[0] !== 503 && performance.now() < until);
    expect(
      seen[0] === 503 && seen[1] === 200,
      `a copy that is draining answers /readyz ${seen[0]} and /livez ${seen[1]}, not 503 and 200`,
    );
  } finally {
    direct.close();
  }
}
