/**
 * Load that accounts for every request: none is repeated, each ends as a status or as the error that its client got, and all of them
 * are counted. Connections are kept, as browsers and proxies do.
 */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import { expect, expectWithin } from '../expect.ts';
import type { World } from '../guarantee.ts';
import type { HttpResponse } from '../http/client.ts';

export interface LoadPlan {
  /** What it is, for a person: `GETs`. */
  readonly what: string;
  /** Closed loop: so many clients, each sending its next request when its last was answered. At a fixed rate: how many may wait at once. */
  readonly clients: number;
  /**
   * Fixed rate: so many a second, however long answers take, as far as clients are free. How long an answer took then counts from when
   * its request was due (Gil Tene's "coordinated omission"), and requests that nobody was free to send in time are counted as late.
   */
  readonly perSecond?: number;
  /** Sends request number `index`, counted from 0 over all clients. */
  readonly send: (index: number) => Promise<HttpResponse>;
  /** Which answers are good; absent: 200. */
  readonly isGood?: (response: HttpResponse) => boolean;
}

/** When a request was under way, on `performance.now()`'s clock. */
export interface Span {
  readonly index: number;
  readonly sentAt: number;
  /** Infinity as long as it is. */
  readonly endedAt: number;
}

/** A request that did not end well. */
export interface FailedRequest extends Span {
  /** 0 where no answer came. */
  readonly status: number;
  /** What came back instead, in one line. */
  readonly what: string;
}

export interface LoadReport {
  readonly what: string;
  readonly sent: number;
  /** How often each status came; `error CODE` where none did. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: readonly FailedRequest[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly seconds: number;
  /** Requests of a fixed rate that were sent noticeably later than they were due. */
  readonly late: number;
}

/** So many, and none failed: of fewer that says little. */
export const REQUESTS = 5_000;
/** How long a load may take to get anywhere: two busy cores answer more than 50 requests a second. */
export const LOADED_WITHIN_MS = 100_000;
const TICK_MS = 250;
/** A request that is sent so much after it was due is late: more than a timer's slack. */
const LATE_MS = 100;
const MICROSECONDS = 1000;
/** The histogram's upper end: longer than any request may take. */
const LONGEST_MS = 120_000;

export class Load {
  readonly #plan: LoadPlan;
  readonly #world: Pick<World, 'signal' | 'onProgress'>;
  readonly #started = performance.now();
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_MS * MICROSECONDS, figures: 3 });
  readonly #outcomes = new Map<string, number>();
  readonly #failures: FailedRequest[] = [];
  readonly #ended: Span[] = [];
  readonly #underWay = new Map<number, number>();
  readonly #done: Promise<unknown>;
  readonly #tick: NodeJS.Timeout;
  #sent = 0;
  #late = 0;
  #isStopping = false;
  #onFree: () => void = () => {};

  /** Starts at once, and goes on until `stop`, or until the drill's time is up. */
  constructor(world: Pick<World, 'signal' | 'onProgress'>, plan: LoadPlan) {
    this.#plan = plan;
    this.#world = world;
    this.#tick = setInterval(() => world.onProgress(this.#words()), TICK_MS);
    this.#done =
      plan.perSecond === undefined
        ? Promise.all(Array.from({ length: plan.clients }, () => this.#client()))
        : this.#atRate(plan.perSecond);
  }

  get ended(): number {
    return this.#ended.length;
  }

  get failures(): readonly FailedRequest[] {
    return this.#failures;
  }

  /** All requests so far, those that are under way last. */
  get spans(): readonly Span[] {
    const underWay = [...this.#underWay].map(([index, sentAt]) => ({ index, sentAt, endedAt: Infinity }));
    return [...this.#ended, ...underWay];
  }

  /** The longest that an answer has taken so far, in milliseconds. */
  get worstMs(): number {
    return this.ended === 0 ? 0 : round(this.#histogram.max / MICROSECONDS);
  }

  #words(): string {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(0);
    return `${this.#plan.what}: ${this.ended} answered, ${this.#failures.length} failed, ${seconds} s`;
  }

  get #goesOn(): boolean {
    return !this.#isStopping && !this.#world.signal.aborted;
  }

  async #client(): Promise<void> {
    while (this.#goesOn) await this.#send(performance.now());
  }

  async #atRate(perSecond: number): Promise<void> {
    const sending = new Set<Promise<void>>();
    for (let turn = 0; this.#goesOn; turn++) {
      const dueAt = this.#started + (turn / perSecond) * 1000;
      const early = dueAt - performance.now();
      if (early > 0) await sleep(early);
      await this.#someoneFree();
      if (!this.#goesOn) break;
      const sent = this.#send(dueAt).finally(() => sending.delete(sent));
      sending.add(sent);
    }
    await Promise.all(sending);
  }

  async #someoneFree(): Promise<void> {
    while (this.#underWay.size >= this.#plan.clients) {
      await new Promise<void>(resolve => {
        this.#onFree = resolve;
      });
    }
  }

  async #send(dueAt: number): Promise<void> {
    const index = this.#sent++;
    const sentAt = performance.now();
    if (sentAt - dueAt > LATE_MS) this.#late++;
    this.#underWay.set(index, sentAt);
    const { status, what, isGood } = await this.#outcomeOf(index);
    const endedAt = performance.now();
    this.#underWay.delete(index);
    this.#onFree();
    this.#ended.push({ index, sentAt, endedAt });
    this.#histogram.record(Math.max(1, Math.round((endedAt - dueAt) * MICROSECONDS)));
    const name = status === 0 ? `error ${what}` : String(status);
    this.#outcomes.set(name, (this.#outcomes.get(name) ?? 0) + 1);
    if (!isGood) this.#failures.push({ index, sentAt, endedAt, status, what });
  }

  async #outcomeOf(index: number): Promise<{ status: number; what: string; isGood: boolean }> {
    const { send, isGood = ({ status }: HttpResponse) => status === 200 } = this.#plan;
    try {
      const response = await send(index);
      const { request, status, text } = response;
      return {
        status,
        what: `${request} answered ${status} ${text.slice(0, 120)}`,
        isGood: isGood(response),
      };
    } catch (error) {
      return { status: 0, what: codeOf(error), isGood: false };
    }
  }

  /** Resolves when so many requests have ended. @throws TooLate if that takes too long */
  async reaches(count: number, withinMs = LOADED_WITHIN_MS): Promise<void> {
    const askedAt = performance.now();
    while (this.ended < count && !this.#world.signal.aborted) {
      expectWithin(
        performance.now() - askedAt,
        withinMs,
        `only ${this.ended} of ${count} ${this.#plan.what} were answered within ${withinMs / 1000} s`,
      );
      await sleep(20);
    }
  }

  /** Lets what is under way end, and counts up. @throws Broken if a request is unaccounted for */
  async stop(): Promise<LoadReport> {
    this.#isStopping = true;
    await this.#done;
    clearInterval(this.#tick);
    const counted = [...this.#outcomes.values()].reduce((sum, count) => sum + count, 0);
    expect(
      counted === this.#sent,
      `${this.#sent} ${this.#plan.what} were sent, but ${counted} accounted for`,
    );
    const ms = (percentile: number) => round(this.#histogram.percentile(percentile) / MICROSECONDS);
    return {
      what: this.#plan.what,
      sent: this.#sent,
      outcomes: Object.fromEntries([...this.#outcomes].sort()),
      failures: this.#failures,
      p50Ms: ms(50),
      p99Ms: ms(99),
      worstMs: this.worstMs,
      seconds: round((performance.now() - this.#started) / 1000),
      late: this.#late,
    };
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** `ECONNRESET` where there is a code, else the message without the request's name: so that the same failures count as one. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? messageOf(cause ?? error);
}

/** `200 × 5210, 502 × 3`. */
export function outcomesOf({ outcomes }: LoadReport): string {
  return Object.entries(outcomes)
    .map(([name, count]) => `${name} × ${count}`)
    .join(', ');
}

/**
 * "0 failed" is only said of enough requests.
 * @throws Broken naming the first failures, with when they came
 */
export function expectNoneFailed(report: LoadReport, atLeast: number, since = 0): void {
  const [first] = report.failures;
  expect(
    first === undefined,
    `${report.failures.length} of ${report.sent} ${report.what} failed (${outcomesOf(report)}); the first${
      since > 0 && first ? `, ${((first.endedAt - since) / 1000).toFixed(1)} s after the fault` : ''
    }: ${first?.what}`,
  );
  expect(
    report.sent >= atLeast,
    `only ${report.sent} ${report.what} were sent: ${atLeast} are needed to say that none fails`,
  );
}

/** A report's numbers, by name. */
export function figuresOf(report: LoadReport): Record<string, number> {
  return {
    requests: report.sent,
    failed: report.failures.length,
    p50Ms: report.p50Ms,
    p99Ms: report.p99Ms,
    worstMs: report.worstMs,
    perSecond: Math.round(report.sent / Math.max(report.seconds, 0.1)),
    ...(report.late > 0 ? { late: report.late } : {}),
  };
}
