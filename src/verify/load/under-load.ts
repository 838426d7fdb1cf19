/** What drills do while requests are under way, and how all of it ends. */

import type { Outcome, World } from '../guarantee.ts';
import type { RequestOptions } from '../http/client.ts';
import { Crowd } from './crowd.ts';
import { Load } from './steady.ts';

interface Drilled<Loads extends readonly Load[]> {
  readonly start: (crowd: Crowd) => Loads;
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
  const loads = start(crowd);
  try {
    return await work(...loads);
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
