/** What drills do while requests are under way, and how all of it ends. */
import type { World } from '../guarantee.ts';
import type { RequestOptions } from '../http/client.ts';
import type { Outcome } from '../outcome.ts';
import type { Trail } from '../system/bites.ts';
import { Crowd } from './crowd.ts';
import { fixedRate } from './fixed-rate.ts';
import { Load } from './steady.ts';

interface Drilled<Loads extends readonly Load[]> {
  readonly start: (crowd: Crowd) => Loads | Promise<Loads>;
  readonly work: (...loads: Loads) => Promise<Outcome>;
  /** Brings back what `work` took away, after the last request. */
  readonly restore?: () => Promise<unknown>;
  /** What the crowd trusts, where that is more than the project's own certificate. */
  readonly certificate?: string;
}

/** Runs `work` under the loads of a crowd. Whatever comes of it, the loads end, and the crowd goes home. */
export async function underLoad<Loads extends readonly [Load, ...Load[]]>(
  world: World,
  { start, work, restore, certificate }: Drilled<Loads>,
): Promise<Outcome> {
  const crowd = await Crowd.gather(world, certificate);
  let loads: readonly Load[] = [];
  try {
    const started = await start(crowd);
    loads = started;
    return await work(...started);
  } finally {
    await Promise.allSettled(loads.map(load => load.stop()));
    crowd.close();
    await restore?.();
  }
}

/** Clients that ask the read probe, again and again. */
export function readers(world: World, crowd: Crowd, clients: number, options: RequestOptions = {}): Load {
  return new Load(world, {
    what: 'GETs',
    clients,
    isGood: world.probes.isRead,
    send: index => crowd.at(index).read(options),
  });
}

interface Steady {
  /** How long the fault may keep one request waiting. */
  readonly longestWaitMs: number;
  /** The part of the requests that it keeps waiting: one of so many copies; absent: all. */
  readonly oneOf?: number;
  /** By which the requests are found again in the log of whoever balances. */
  readonly trail?: Trail;
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the read probe at a fixed rate, whatever becomes of the answers: how a load meets a fault. */
export async function steadyReaders(
  world: World,
  crowd: Crowd,
  { longestWaitMs, oneOf, trail, timeoutMs, headers = {} }: Steady,
): Promise<Load> {
  const options = { headers, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const rate = await fixedRate(world, crowd, {
    send: index => crowd.at(index).read(options),
    longestWaitMs,
    ...(oneOf === undefined ? {} : { oneOf }),
  });
  return new Load(world, {
    what: 'GETs',
    ...rate,
    isGood: world.probes.isRead,
    send: index => crowd.at(index).read({ ...options, headers: { ...headers, ...trail?.headers(index) } }),
  });
}
