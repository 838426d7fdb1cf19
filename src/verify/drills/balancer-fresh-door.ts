import { nodesOfKind } from '../../blueprint/blueprint.ts';
import { messageOf } from '../client.ts';
import { eventually, expect, kept, sleep } from '../expect.ts';
import type { Guarantee, World } from '../guarantee.ts';
import { balancerIn, balancerOf, basePathOf, type Copy, copiesOf, killAll, startAll } from '../parts.ts';

const WITHIN_MS = 1_000;
/** How long a whole start may take on a busy machine. */
const STARTED_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 10;
const PROBE_TIMEOUT_MS = 5_000;

export const balancerFreshDoor: Guarantee = {
  id: 'balancer.fresh-door',
  lines: ['E6'],
  title: 'a freshly started front door answers within 1 s of what is behind it, and no 502 before',
  from: 'balancer',
  drill: true,
  applies: blueprint => balancerOf(blueprint) !== undefined,
  limitMs: 120_000,
  async check(world) {
    const { blueprint } = world;
    const { program, node } = balancerIn(blueprint);
    const proxies = proxiesOf(world);
    const alone = await firstAnswer(world, 'alone', async () => {
      await startProxies(world, proxies);
      return 0;
    });
    // nginx alone has nobody to ask whether a copy is there: started beside the copies, it says 502 until one is. Compose starts it after them.
    if (!nodesOfKind(blueprint, 'haproxy').some(({ name }) => name === node)) {
      return kept(`started anew: first 200 ${told(alone)}`, figures('door', alone));
    }
    const copies = copiesOf(program);
    const together = await firstAnswer(
      world,
      'together with the copies',
      async () => {
        const [readyAt] = await Promise.all([firstReady(world, copies), startProxies(world, proxies)]);
        return readyAt;
      },
      copies,
    );
    return kept(
      `started anew: first 200 ${told(alone)}; together with the copies: ${told(together)} after the first was ready`,
      { ...figures('door', alone), ...figures('together', together) },
    );
  },
};

interface First {
  readonly ms: number;
  /** Answers before the first 200. */
  readonly unavailable: number;
}

function told({ ms, unavailable }: First): string {
  return `after ${ms} ms${unavailable === 0 ? '' : ` (and ${unavailable} × 503 before)`}`;
}

function figures(name: string, { ms, unavailable }: First): Record<string, number> {
  return { [`${name}Ms`]: ms, [`${name}Unavailable`]: unavailable };
}

/** From the balancer outwards: the order in which Compose starts them. */
function proxiesOf({ blueprint }: World): string[] {
  return [...nodesOfKind(blueprint, 'haproxy'), ...nodesOfKind(blueprint, 'nginx')].map(({ name }) => name);
}

async function startProxies({ running }: World, proxies: readonly string[]): Promise<void> {
  for (const proxy of proxies) await running.start(proxy);
}

/** Starts copies. @returns when the first of them was ready */
async function firstReady({ running, shop }: World, copies: readonly Copy[]): Promise<number> {
  const started = copies.map(async ({ program, copy }) => {
    await running.start(program.name, copy);
    return performance.now();
  });
  const seen = copies.flatMap(({ program, copy }) => {
    const address = running.address(program.name, copy);
    if (!address) return [];
    const direct = shop.direct(address, basePathOf(program));
    return [
      eventually(
        'a ready copy',
        STARTED_WITHIN_MS,
        async () => {
          return (await direct.get(program.healthPath, { from: 'root', timeoutMs: 1_000 })).status === 200;
        },
        ASK_EVERY_MS,
      )
        .then(() => performance.now())
        .finally(() => direct.close()),
    ];
  });
  const first = await Promise.race([...started, ...seen]);
  await Promise.all([...started, ...seen]);
  return first;
}

/**
 * Kills the proxies, and copies if any are named, has `start` start them, and asks all the while.
 * @param start returns when what is behind the door was ready, on `performance.now()`'s clock
 */
async function firstAnswer(
  world: World,
  how: string,
  start: () => Promise<number>,
  copies: readonly Copy[] = [],
): Promise<First> {
  const { running } = world;
  const proxies = proxiesOf(world);
  try {
    await Promise.all([...proxies.map(proxy => running.kill(proxy)), killAll(running, copies)]);
    const asked = ask(world);
    const readyAt = await start();
    const { doorAt, okAt, statuses } = await asked;
    const ms = Math.max(0, Math.round(okAt - Math.max(doorAt, readyAt)));
    const bad = statuses.filter(status => status !== 503);
    expect(
      bad.length === 0,
      `started ${how}, the front door answered ${bad.length} × ${[...new Set(bad)].join(', ')} before its first 200`,
    );
    expect(ms <= WITHIN_MS, `started ${how}, the front door gave its first 200 only after ${ms} ms`);
    return { ms, unavailable: statuses.length };
  } finally {
    await startAll(running, copies);
    for (const proxy of proxies) {
      if ((await running.pid(proxy)) === undefined) await running.start(proxy);
    }
  }
}

/** Asks over new connections until a 200 comes. What is not HTTP counts only once the door has answered for the first time. */
async function ask({ shop, signal }: World): Promise<{ doorAt: number; okAt: number; statuses: number[] }> {
  const deadline = performance.now() + STARTED_WITHIN_MS;
  const statuses: number[] = [];
  let doorAt = 0;
  while (performance.now() < deadline && !signal.aborted) {
    const sentAt = performance.now();
    shop.forget();
    const answer = await shop.get('/products?limit=1', { timeoutMs: PROBE_TIMEOUT_MS }).catch(messageOf);
    if (typeof answer === 'string') {
      expect(doorAt === 0, `the front door had begun to answer, and then: ${answer}`);
    } else {
      doorAt ||= sentAt;
      if (answer.status === 200) return { doorAt, okAt: performance.now(), statuses };
      statuses.push(answer.status);
    }
    await sleep(ASK_EVERY_MS);
  }
  expect(false, `the front door gave no 200 within ${STARTED_WITHIN_MS / 1000} s of being started`);
}
