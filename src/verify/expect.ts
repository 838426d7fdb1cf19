/** What checks use to say what must hold, and to wait until it does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { describe, type HttpResponse } from './http/client.ts';
import { Broken, type Outcome, TooLate } from './outcome.ts';

/** @throws Broken with `detail` unless `condition` holds. */
export function expect(condition: unknown, detail: string): asserts condition {
  if (!condition) throw new Broken(detail);
}

/** @throws Broken unless the response has one of the statuses. */
export function expectStatus(response: HttpResponse, ...statuses: number[]): void {
  expect(statuses.includes(response.status), `${describe(response)}, not ${statuses.join(' or ')}`);
}

/** @throws TooLate with `detail` unless it took no longer than it may */
export function expectWithin(ms: number, allowedMs: number, detail: string): void {
  if (ms > allowedMs) throw new TooLate(detail);
}

const PROBLEM = 'application/problem+json';

/**
 * An error for a program to read, which shows nothing of what is inside: JSON, and where it is a problem (RFC 9457), one that names its
 * status. @throws Broken unless it is one
 */
export function expectProblem(response: HttpResponse, status: number): void {
  expectStatus(response, status);
  const type = (response.headers['content-type'] ?? 'no content type').split(';')[0]?.trim();
  expect(
    type === PROBLEM || type === 'application/json',
    `${response.request} answered ${status} as ${type}, not ${PROBLEM} or application/json`,
  );
  const body = response.json<{ status?: unknown; title?: unknown } | null>();
  expect(
    type !== PROBLEM || (body?.status === status && typeof body.title === 'string'),
    `${describe(response)}: the problem names another status, or none`,
  );
  expectNoStack(response);
}

/** @throws Broken if an error answer shows a stack trace or a path of the program. */
export function expectNoStack(response: HttpResponse): void {
  expect(
    !/\n\s+at |\\n\s+at |node_modules|\.[jt]s:\d+/.test(response.text),
    `${response.request} answered ${response.status} with a stack trace`,
  );
}

/**
 * Asks `probe` again and again until it gives a value.
 * @returns the value, and the milliseconds it took. @throws TooLate after `withinMs`, with the last failure seen.
 */
export async function eventually<T>(
  what: string,
  withinMs: number,
  probe: () => Promise<T | undefined | false>,
  everyMs = 50,
): Promise<{ value: T; ms: number }> {
  const started = performance.now();
  let last = '';
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false)
        return { value, ms: Math.round(performance.now() - started) };
    } catch (error) {
      last = `: ${messageOf(error)}`;
    }
    if (performance.now() - started > withinMs)
      throw new TooLate(`${what} did not happen within ${withinMs / 1000} s${last}`);
    await sleep(everyMs);
  }
}

/** The check has seen what it wanted. */
export function kept(detail: string, figures: Readonly<Record<string, number>> = {}): Outcome {
  return { status: 'kept', detail, figures };
}

export { sleep };
