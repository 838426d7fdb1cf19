import { randomUUID } from 'node:crypto';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { directTo } from '../../http/direct.ts';
import { itemsFor } from '../../http/purchases.ts';
import type { Crowd } from '../../load/crowd.ts';
import {
  expectNoneFailed,
  figuresOf,
  LOADED_WITHIN_MS,
  Load,
  type LoadReport,
  outcomesOf,
  REQUESTS,
} from '../../load/steady.ts';
import { readers, underLoad } from '../../load/under-load.ts';
import { lockedWhile } from '../../system/locks.ts';
import {
  balancerIn,
  balancerOf,
  type Copy,
  copiesOf,
  databaseHolding,
  programServing,
  startAll,
} from '../../system/nodes.ts';
import { hasCopies } from './spread.ts';

/** As many who order as there are well-stocked products: held up, they would wait for each other, and longer than they may. */
const CLIENTS = { gets: 8, posts: 4 };
/** How long orders wait that are under way when a copy is told to stop: well below what a program lets them wait. */
const SLOW_MS = 800;
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
    const cookie = await world.shop.login();
    return await underLoad(world, {
      start: crowd => [readers(world, crowd, CLIENTS.gets), buyers(world, crowd, cookie)],
      work: async (...loads) => {
        const started = performance.now();
        const ended = () => loads.reduce((sum, load) => sum + load.ended, 0);
        await loads[0].reaches(WARM_UP_REQUESTS);
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
      },
      restore: () => startAll(running, copies),
    });
  },
};

function told(report: LoadReport): string {
  return `${report.what} ${outcomesOf(report)}, worst ${Math.round(report.worstMs)} ms`;
}

function isTaken({ status }: { readonly status: number }): boolean {
  return status === 201 || status === 202;
}

function buyers(world: World, crowd: Crowd, cookie: string): Load {
  return new Load(world, {
    what: 'orders',
    clients: CLIENTS.posts,
    isGood: isTaken,
    send: index => crowd.at(index).order(cookie, { key: randomUUID(), items: itemsFor(index) }),
  });
}

async function restartInOrder(world: World, copy: Copy): Promise<void> {
  const { running, blueprint } = world;
  const { program } = copy;
  const stop = async () => {
    await running.terminate(program.name, copy.copy);
    await expectDraining(world, copy);
  };
  if (programServing(blueprint, '/orders') === program) {
    // Proxies take in a whole body before they pass it on: what makes an order slow has to lie behind the program.
    const database = await databaseHolding(running, 'orders.orders');
    await lockedWhile(running, database, 'orders.orders', SLOW_MS, stop);
  } else await stop();
  const code = await running.exited(program.name, copy.copy, EXIT_WITHIN_MS);
  expect(
    code === 0,
    `copy ${copy.copy} of ${program.name} exited with ${code ?? 'a signal'} after SIGTERM, not with 0`,
  );
  await running.start(program.name, copy.copy);
}

/** A copy that is leaving says so to the balancer, and still is alive: whoever restarts the dead leaves it alone. */
async function expectDraining(world: World, { program, copy }: Copy): Promise<void> {
  const direct = directTo(world, program, copy);
  if (!direct) return;
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
