/** Chance that is the same in every run. */

/** From 0 up to, not including, 1. */
export type Random = () => number;

/** Tommy Ettinger's Mulberry32: small, and good enough to choose edits. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whole numbers from 0 up to, not including, the bound that each call names. */
export function wholeNumbers(seed: number): (bound: number) => number {
  const random = seeded(seed);
  return bound => Math.floor(random() * bound);
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
