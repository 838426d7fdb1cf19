/** Chance that is the same in every run. */

import { type Random, randomFrom } from '../../src/verify/random.ts';

/** Whole numbers from 0 up to, not including, the bound that each call names. */
export function wholeNumbers(seed: number): (bound: number) => number {
  const random = randomFrom(seed);
  return bound => Math.floor(random() * bound);
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
