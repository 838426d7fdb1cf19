/** What checks use to say what must hold, and to wait until it does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Broken, type Outcome } from './guarantee.ts';
import { describe, messageOf, type ShopResponse } from './http/client.ts';

/** @throws Broken with `detail` unless `condition` holds. */
export function expect(condition: unknown, detail: string): asserts condition {
  if (!condition) throw new Broken(detail);
}

/** @throws Broken unless the response has one of the statuses. */
export function expectStatus(response: ShopResponse, ...statuses: number[]): void {
  expect(statuses.includes(response.status), `${describe(response)}, not ${statuses.join(' or ')}`);
}

/** @throws Broken unless it is an error in the shop's own form, which shows nothing of the program's inside. */
export function expectProblem(response: ShopResponse, status: number): void {
  expectStatus(response, status);
  const type = response.headers['content-type'] ?? 'no content type';
  expect(
    type.startsWith('application/problem+json'),
    `${response.request} answered ${status} as ${type}, not application/problem+json`,
  );
  const body = response.json<{ status?: unknown; title?: unknown }>();
  expect(
    body.status === status && typeof body.title === 'string',
    `${describe(response)}: the problem names another status, or none`,
  );
  expectNoStack(response);
}

/** @throws Broken if an error answer shows a stack trace or a path of the program. */
export function expectNoStack(response: ShopResponse): void {
  expect(
    !/\n\s+at |\\n\s+at |node_modules|\.[jt]s:\d+/.test(response.text),
    `${response.request} answered ${response.status} with a stack trace`,
  );
}

/**
 * Asks `probe` again and again until it gives a value.
 * @returns the value, and the milliseconds it took. @throws Broken after `withinMs`, with the last failure seen.
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
      throw new Broken(`${what} did not happen within ${withinMs / 1000} s${last}`);
    await sleep(everyMs);
  }
}

/** The check has seen what it wanted. */
export function kept(detail: string, figures: Readonly<Record<string, number>> = {}): Outcome {
  return { status: 'kept', detail, figures };
}

export { sleep };
