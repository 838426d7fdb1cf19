import { nodesOfKind } from '../../../blueprint/blueprint.ts';
import { messageOf } from '../../../errors.ts';
import { expect, expectWithin, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { directTo } from '../../http/direct.ts';
import {
  balancerIn,
  balancerOf,
  copiesOf,
  isActivelyChecked,
  killAll,
  type ProgramCopy,
  startAll,
} from '../../system/nodes.ts';

const WITHIN_MS = 1_000;
/** How long a whole start may take on a busy machine. */
const STARTED_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 10;
const PROBE_TIMEOUT_MS = 5_000;

export const balancerFreshDoor: Guarantee = {
  id: 'balancer.fresh-door',
  lines: ['E6'],
  title: `a freshly started front door answers within ${WITHIN_MS / 1000} s of what is behind it, and no 502 before`,
  from: 'balancer',
  needs: ['probes.read'],
  drill: true,
  applies: blueprint => balancerOf(blueprint) !== undefined,
  limitMs: 120_000,
  async check(world) {
    const { blueprint } = world;
    const { program, node } = balancerIn(blueprint);
    const proxies = proxiesOf(world);
    const alone = await firstAnswer(world, 'alone', async () => {
      return { doorAt: await startProxies(world, proxies), readyAt: 0 };
    });
    // nginx alone has nobody to ask whether a copy is there: started beside the copies, it says 502 until one is. Compose starts it after them.
    if (!isActivelyChecked(blueprint, node)) {
      return kept(`started anew: first good answer ${told(alone)}`, figures('door', alone));
    }
    const copies = copiesOf(program);
    const together = await firstAnswer(
      world,
      'together with the copies',
      async () => {
        const [readyAt, doorAt] = await Promise.all([
          firstReady(world, copies),
          startProxies(world, proxies),
        ]);
        return { doorAt, readyAt };
      },
      copies,
    );
    return kept(
      `started anew: first good answer ${told(alone)}; together with the copies: ${told(together)} after the first was ready`,
      { ...figures('door', alone), ...figures('together', together) },
    );
  },
};

interface First {
  readonly ms: number;
  /** Answers before the first good one. */
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

/** @returns when the last of them had started */
async function startProxies({ running }: World, proxies: readonly string[]): Promise<number> {
  for (const proxy of proxies) await running.start(proxy);
  return performance.now();
}

/** Starts copies. @returns when the first of them was ready */
async function firstReady(world: World, copies: readonly ProgramCopy[]): Promise<number> {
  let readyAt = Number.POSITIVE_INFINITY;
  const ready = () => {
    readyAt = Math.min(readyAt, performance.now());
  };
  const starting = copies.map(async ({ program, copy }) => {
    await world.running.start(program.name, copy);
    ready();
  });
  const asking = copies.map(async copy => {
    // An engine may give a copy another address with each start, and is itself told of its health only now and then.
    while (!Number.isFinite(readyAt) && !world.signal.aborted) {
      if (await isReady(world, copy)) ready();
      await sleep(ASK_EVERY_MS);
    }
  });
  await Promise.all([...starting, ...asking]);
  return readyAt;
}

async function isReady(world: World, { program, copy }: ProgramCopy): Promise<boolean> {
  const direct = directTo(world, program, copy);
  if (!direct) return false;
  const options = { from: 'root', timeoutMs: 500 } as const;
  try {
    return (await direct.get(program.healthPath, options)).status === 200;
  } catch {
    return false;
  } finally {
    direct.close();
  }
}

/**
 * Kills the proxies, and copies if any are named, has `start` start them, and asks all the while.
 * @param start returns when the door was open, and when what is behind it was ready, on `performance.now()`'s clock
 */
async function firstAnswer(
  world: World,
  how: string,
  start: () => Promise<{ doorAt: number; readyAt: number }>,
  copies: readonly ProgramCopy[] = [],
): Promise<First> {
  const { running } = world;
  const proxies = proxiesOf(world);
  try {
    await Promise.all([...proxies.map(proxy => running.kill(proxy)), killAll(running, copies)]);
    const asking = new Asking(world);
    const [okAt, { doorAt, readyAt }] = await Promise.all([asking.untilOk(), start()]);
    const openAt = Math.min(doorAt, asking.firstAnswerAt);
    const ms = Math.max(0, Math.round(okAt - Math.max(openAt, readyAt)));
    const { statuses } = asking;
    const bad = statuses.filter(status => status !== 503);
    expect(
      bad.length === 0,
      `started ${how}, the front door answered ${bad.length} × ${[...new Set(bad)].join(', ')} before its first good one`,
    );
    expectWithin(
      ms,
      WITHIN_MS,
      `started ${how}, the front door gave its first good answer only after ${ms} ms`,
    );
    return { ms, unavailable: statuses.length };
  } finally {
    await startAll(running, copies);
    for (const proxy of proxies) {
      if ((await running.pid(proxy)) === undefined) await running.start(proxy);
    }
  }
}

/** Asks again and again, each time over a connection of its own, until a good answer comes. */
class Asking {
  readonly statuses: number[] = [];
  readonly #world: World;
  #firstAnswerAt = Number.POSITIVE_INFINITY;
  #okAt = Number.POSITIVE_INFINITY;
  #broken: string | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get firstAnswerAt(): number {
    return this.#firstAnswerAt;
  }

  /** @returns when the first good answer came. @throws Broken if none does, or if the door answers and then breaks connections */
  async untilOk(): Promise<number> {
    const deadline = performance.now() + STARTED_WITHIN_MS;
    const asked: Promise<void>[] = [];
    // Nobody waits for an answer: Docker's own proxy holds up what comes while a container gets its network.
    while (this.#okAt === Number.POSITIVE_INFINITY && performance.now() < deadline) {
      if (this.#world.signal.aborted || this.#broken) break;
      asked.push(this.#ask());
      await sleep(ASK_EVERY_MS);
    }
    await Promise.all(asked);
    expect(!this.#broken, `the front door had begun to answer, and then: ${this.#broken}`);
    const seconds = STARTED_WITHIN_MS / 1000;
    expect(
      Number.isFinite(this.#okAt),
      `the front door gave no good answer within ${seconds} s of being started`,
    );
    return this.#okAt;
  }

  async #ask(): Promise<void> {
    const sentAt = performance.now();
    const options = { headers: { connection: 'close' }, timeoutMs: PROBE_TIMEOUT_MS };
    const answer = await this.#world.probes.read(options).catch(messageOf);
    if (typeof answer === 'string') {
      if (sentAt > this.#firstAnswerAt) this.#broken ??= answer;
      return;
    }
    const now = performance.now();
    this.#firstAnswerAt = Math.min(this.#firstAnswerAt, now);
    if (this.#world.probes.isRead(answer)) this.#okAt = Math.min(this.#okAt, now);
    else this.statuses.push(answer.status);
  }
}
