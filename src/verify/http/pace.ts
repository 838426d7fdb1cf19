/** Keeps a client below the front door's limit for one address: checks measure the program, not its guard. */
import { setTimeout as sleep } from 'node:timers/promises';
import { nodesOfKind } from '../../blueprint/blueprint.ts';
import type { Running } from '../../engines/engine.ts';
import { DOOR_LIMITS } from '../../journey/limits.ts';

/** A little under what the front door grants an address. */
export const PER_SECOND = DOOR_LIMITS.perSecond * 0.9;
const AT_ONCE = DOOR_LIMITS.burst * 0.8;
/** A little under how many connections it grants an address. */
export const CONNECTIONS = DOOR_LIMITS.connections - 16;
/** Well under it, and a round number: nobody is refused for being many. */
export const SAFE_CONNECTIONS = Math.floor(DOOR_LIMITS.connections * 0.08) * 10;

/** Waits until one more request may be sent. */
export type Pace = () => Promise<void>;

const unlimited: Pace = async () => {};
/** All clients at one address share its limit, front door by front door. */
const paces = new WeakMap<Running, Map<string, Pace>>();

/** The pace for a running project's front door, for clients at one address. */
export function paceOf(running: Running, address = ''): Pace {
  if (nodesOfKind(running.blueprint, 'nginx').length === 0) return unlimited;
  const byAddress = paces.get(running) ?? new Map<string, Pace>();
  paces.set(running, byAddress);
  const known = byAddress.get(address) ?? tokenBucket(PER_SECOND, AT_ONCE);
  byAddress.set(address, known);
  return known;
}

function tokenBucket(perSecond: number, atOnce: number): Pace {
  let tokens = atOnce;
  let filledAt = performance.now();
  return async () => {
    const now = performance.now();
    tokens = Math.min(atOnce, tokens + ((now - filledAt) / 1000) * perSecond) - 1;
    filledAt = now;
    // Below zero the bucket is lent from the future, in the order of asking.
    if (tokens < 0) await sleep((-tokens / perSecond) * 1000);
  };
}
