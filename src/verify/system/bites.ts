/**
 * Whether a fault hit anything. That no request failed is only worth saying of a fault that one was under way for: on what was killed,
 * hung or restarted, or sent again because of it.
 */
import type { Running } from '../../engines/engine.ts';
import { TIMEOUTS } from '../../journey/timeouts.ts';
import { sleep } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { newMark } from '../http/mark.ts';
import type { Load, Span } from '../load/steady.ts';
import { NotVerifiable } from '../outcome.ts';
import { type Logged, loggedUnder, markedId } from './access-log.ts';
import { type ProgramCopy, startAll } from './nodes.ts';

/** How often a fault that hit nothing is done again. */
const MORE_TRIES = 3;
/** A line takes a moment from the proxy to the log. */
const LOGGED_AFTER_MS = 250;
/** How long a victim is held before it is struck again: what comes to it meanwhile waits there. */
const HELD_MS = 300;
/** A copy that came back is asked again by then: after two good checks, or where nobody checks, after its time out of turn. */
export const BACK_MS = 3_000;
const TRIES = 3;
/** How long a request may try copies whose connections nobody refuses, as those of a container that is gone. */
export const UNREACHABLE_MS = TRIES * TIMEOUTS.haproxyConnectMs + 500;

/** On `performance.now()`'s clock. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** A load's requests in the log of whoever balances: who was asked for each, and how often. */
export class Trail {
  readonly #running: Running;
  readonly #node: string;
  readonly #mark: string;
  readonly #logged = new Map<number, Logged>();

  /** @param node whose access log tells */
  constructor({ running, random }: Pick<World, 'running' | 'random'>, node: string) {
    this.#running = running;
    this.#node = node;
    this.#mark = newMark(random);
  }

  /** The headers by which request number `index` is found again. */
  headers(index: number): Readonly<Record<string, string>> {
    return { 'x-request-id': markedId(this.#mark, index) };
  }

  /** Reads what the log has now. Engines keep only so much of it: to be called soon after what is to be seen. */
  async look(): Promise<ReadonlyMap<number, Logged>> {
    await sleep(LOGGED_AFTER_MS);
    const lines = await this.#running.logs(this.#node);
    for (const [index, logged] of loggedUnder(this.#mark, lines)) this.#logged.set(index, logged);
    return this.#logged;
  }
}

/** How many requests were under way at a moment: hit by what happened then to the one door. */
export function underWay(spans: readonly Span[], at: number): number {
  return spans.filter(({ sentAt, endedAt }) => sentAt <= at && at < endedAt).length;
}

/** How many requests had to be sent again that were under way within the fault's time. */
export function sentAgain(
  spans: readonly Span[],
  logged: ReadonlyMap<number, Logged>,
  period: Period,
): number {
  return spans.filter(span => overlaps(span, period) && (logged.get(span.index)?.again ?? 0) > 0).length;
}

function overlaps({ sentAt, endedAt }: Span, { from, until }: Period): boolean {
  return sentAt <= until && endedAt >= from;
}

/** How many requests were harmed within the fault's time: sent again because of it, or failed. */
export async function harmed(load: Load, trail: Trail, period: Period): Promise<number> {
  const failed = load.failures.filter(each => overlaps(each, period)).length;
  return failed + sentAgain(load.spans, await trail.look(), period);
}

/** How many requests have been under way for so long, up to a moment: hit by what hangs. */
export function stuck(spans: readonly Span[], at: number, forMs: number): number {
  return spans.filter(({ sentAt, endedAt }) => sentAt <= at - forMs && endedAt > at).length;
}

/**
 * How many requests a victim had within its last time: a server that answered nothing sent in the silence after that, in which all the
 * others did. Engines and proxies do not call copies by the same names, but only the victim is silent.
 * @param others how many the others are
 */
export function onSilent(
  spans: readonly Span[],
  logged: ReadonlyMap<number, Logged>,
  last: Period,
  silence: Period,
  others: number,
): number {
  const answering = new Set(
    spans
      .filter(({ sentAt, endedAt }) => sentAt >= silence.from && endedAt <= silence.until)
      .flatMap(({ index }) => logged.get(index)?.servers.at(-1) ?? []),
  );
  if (answering.size < others) return 0;
  return spans.filter(span => {
    const server = logged.get(span.index)?.servers.at(-1);
    return overlaps(span, last) && server !== undefined && !answering.has(server);
  }).length;
}

/**
 * Does a fault, and does it again until it has hit a request.
 * @param strike does it once, from a state in which all is well, and returns how many requests it hit. From the second try on it is
 * given how long to hold its victim before that, so that requests pile up there
 * @returns how many it hit in the end
 * @throws NotVerifiable if it never hits one
 */
export async function untilItHits(strike: (heldMs: number) => Promise<number>): Promise<number> {
  for (let tried = 0; tried <= MORE_TRIES; tried++) {
    const hit = await strike(tried * HELD_MS);
    if (hit > 0) return hit;
  }
  throw new NotVerifiable(`the fault hit no request, ${MORE_TRIES + 1} times`, 'machine');
}

/** Holds a copy for a while: requests that come to it wait there. */
export async function hold(
  running: Pick<Running, 'pause' | 'resume'>,
  node: string,
  copy: number,
  ms: number,
): Promise<void> {
  if (ms === 0) return;
  await running.pause(node, copy);
  await sleep(ms);
}

/**
 * Kills a copy under load, and starts and kills it again until that has hit a request. It is down afterwards.
 * @param shownMs how long to wait for what shows that
 * @param hits how many requests show that the kill within this time hit them
 */
export async function killUntilItHits(
  running: Running,
  victim: ProgramCopy,
  shownMs: number,
  hits: (period: Period) => Promise<number>,
): Promise<{ readonly hit: number; readonly killedAt: number }> {
  const { program, copy } = victim;
  let killedAt = 0;
  const hit = await untilItHits(async heldMs => {
    if (killedAt > 0) {
      await startAll(running, [victim]);
      await sleep(BACK_MS);
    }
    await hold(running, program.name, copy, heldMs);
    killedAt = performance.now();
    await running.kill(program.name, copy);
    await sleep(shownMs);
    return await hits({ from: killedAt, until: performance.now() });
  });
  return { hit, killedAt };
}
