/** What a check writes before it breaks something, and looks for afterwards. */
import { eventually, expect } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { newUuid } from '../random.ts';
import { describe } from './client.ts';
import { type FilledWrite, holds, type Probes, type Written } from './probes.ts';

/** Longest time in which the front door may need to answer as before, once everything runs again. */
const BACK_WITHIN_MS = 20_000;

/** Come again, say the program and the proxies before it; not that anything is lost. */
const COME_AGAIN: readonly number[] = [502, 503, 504];
const WHO_ARE_YOU: readonly number[] = [401, 403];

/** Writes so often, at the same moment and in one session. @throws Broken unless each is accepted */
export async function writeSome(
  { probes, random }: Pick<World, 'probes' | 'random'>,
  count: number,
): Promise<Written[]> {
  const session = await probes.writer();
  const once = () => probes.expectWritten(session, { key: newUuid(random) });
  return await Promise.all(Array.from({ length: count }, once));
}

/**
 * Reads back all of it, each in the session in which it was written.
 * @returns the milliseconds until the last answer. @throws Broken if anything is lost, or a session is
 */
export async function expectAllThere(probes: Probes, writings: readonly Written[]): Promise<number> {
  const began = performance.now();
  await Promise.all(writings.map(written => expectOneThere(probes, written)));
  return Math.round(performance.now() - began);
}

/** `3 writes and their session`, where they had one. */
export function toldOf(writings: readonly Written[]): string {
  return `${writings.length} writes${writings.some(isSignedIn) ? ' and their session' : ''}`;
}

function isSignedIn({ session }: Written): boolean {
  return Object.keys(session.headers).length > 0;
}

async function expectOneThere(probes: Probes, written: Written): Promise<void> {
  const what = `what was accepted under the id ${written.id}`;
  const { value: answer } = await eventually(`an answer to where ${what} is`, BACK_WITHIN_MS, async () => {
    const response = await probes.readBack(written);
    if (COME_AGAIN.includes(response.status)) throw new Error(describe(response));
    return response;
  });
  expect(
    !isSignedIn(written) || !WHO_ARE_YOU.includes(answer.status),
    `the session is lost: ${describe(answer)}`,
  );
  expect(answer.status === 200 && holds(answer, written.id), `${what} is lost: ${describe(answer)}`);
}

/**
 * A request like this one that asks for something else: filled in anew, or with its first number one higher.
 * @returns undefined where neither makes a difference
 */
export async function withAnotherBody(
  probes: Probes,
  request: FilledWrite,
): Promise<FilledWrite | undefined> {
  const { body: anew } = await probes.newWrite();
  const same = JSON.stringify(request.body);
  const body = [anew, withNextNumber(request.body)].find(other => JSON.stringify(other) !== same);
  return body === undefined ? undefined : { ...request, body };
}

function withNextNumber(body: unknown): unknown {
  if (body === undefined) return undefined;
  let isDone = false;
  return JSON.parse(JSON.stringify(body), (_, value: unknown) => {
    if (typeof value !== 'number' || isDone) return value;
    isDone = true;
    return value + 1;
  });
}
