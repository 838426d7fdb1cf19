/** The rate of a load that is going to meet a fault: fixed, and from what this machine does unhindered just before. */
import { sleep } from '../expect.ts';
import type { World } from '../guarantee.ts';
import type { HttpResponse } from '../http/client.ts';
import type { Crowd } from './crowd.ts';
import { LOADED_WITHIN_MS, Load, type LoadReport, REQUESTS } from './steady.ts';

/** Below what is possible: the fault takes a part of it away, and what is left has to do. */
const SHARE = 0.6;
const MODEST_SHARE = 0.5;
const WARM_UP = { clients: 16, ms: 1_000 };
const TICK_MS = 20;
/** As many as may wait at once: with one connection each through every proxy they stay below what nginx holds. */
const MOST_CLIENTS = 600;
/** Those that are not held up by the fault. */
const OTHER_CLIENTS = 16;

/** Goes into a `LoadPlan`. */
export interface FixedRate {
  readonly perSecond: number;
  readonly clients: number;
}

interface Wanted {
  /** Sends one request of the kind that the load will send. */
  readonly send: (index: number) => Promise<HttpResponse>;
  /** How long the fault may keep one request waiting. */
  readonly longestWaitMs: number;
  /** The part of the requests that it keeps waiting: one of so many copies; absent: all. */
  readonly oneOf?: number;
  /** How many requests the load needs in all; absent: `REQUESTS`. */
  readonly requests?: number;
}

/** Sends what the load will send for a moment, as fast as answers come. @returns at which rate, and by how many clients, it may go on */
export async function fixedRate(
  world: Pick<World, 'signal' | 'onProgress'>,
  crowd: Pick<Crowd, 'allowed'>,
  { send, longestWaitMs, oneOf = 1, requests = REQUESTS }: Wanted,
): Promise<FixedRate> {
  const load = new Load(world, { what: 'requests to warm up', clients: WARM_UP.clients, send });
  const started = performance.now();
  while (performance.now() - started < WARM_UP.ms && !world.signal.aborted) await sleep(TICK_MS);
  const { sent, seconds } = await load.stop();
  const least = requests / (LOADED_WITHIN_MS / 1000);
  return rateFor({ unhindered: sent / seconds, least, waits: longestWaitMs / 1000 / oneOf }, crowd.allowed);
}

interface Possible {
  /** Answers a second that this machine gave without a fault. */
  readonly unhindered: number;
  /** Requests a second, below which there are too few in the end. */
  readonly least: number;
  /** Seconds that the fault costs a request on average. */
  readonly waits: number;
}

/** @param allowed what the front door lets in */
export function rateFor({ unhindered, least, waits }: Possible, allowed: Crowd['allowed']): FixedRate {
  const wanted = Math.max(unhindered * SHARE, least);
  const atOnce = Math.min(MOST_CLIENTS, allowed.atOnce);
  const perSecond = Math.min(wanted, allowed.perSecond, (atOnce - OTHER_CLIENTS) / waits);
  return { perSecond, clients: Math.ceil(perSecond * waits) + OTHER_CLIENTS };
}

/**
 * For a fault that is over soon: no number of requests has to come together meanwhile, so the rate stays well below what is possible.
 * @param unhindered what came of a closed loop with nothing in its way
 * @param waits seconds that the fault may cost a request
 */
export function modestRate(
  { sent, seconds }: Pick<LoadReport, 'sent' | 'seconds'>,
  waits: number,
): FixedRate {
  const perSecond = Math.max(1, Math.floor((MODEST_SHARE * sent) / Math.max(seconds, 0.1)));
  return { perSecond, clients: Math.min(MOST_CLIENTS, Math.ceil(perSecond * waits) + OTHER_CLIENTS) };
}
