/** Chance that a seed repeats: every choice that a check makes by chance is drawn from here. */

/** A number from 0 up to, and without, 1. */
export type Random = () => number;

/** The largest seed: what is printed on a failure stays short enough to type. */
const MOST_SEEDS = 2 ** 31;

/** A seed for a run that was given none. */
export function newSeed(): number {
  return Math.floor(Math.random() * MOST_SEEDS);
}

/** Tommy Ettinger's mulberry32: 32 bits of state, enough for choices and names, and nothing secret. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @returns so many random bytes as hexadecimal digits */
export function newHex(random: Random, bytes: number): string {
  return Array.from({ length: bytes }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}

/** A UUID of version 4 (RFC 9562). */
export function newUuid(random: Random): string {
  const hex = newHex(random, 16);
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(18, 20),
    hex.slice(20),
  ].join('-');
}
