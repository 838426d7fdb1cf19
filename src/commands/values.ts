/** Reads the values of flags that are neither words nor answers. */
import { UsageError } from '../errors.ts';

const MOST_SEED = 2 ** 32 - 1;

/** @throws UsageError if it is no whole number of 32 bits */
export function seedFrom(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= MOST_SEED) return seed;
  throw new UsageError(
    `--seed ${JSON.stringify(text)} is not a whole number from 0 to ${MOST_SEED}`,
    'a run that failed prints its own',
  );
}

/** `a, b` → the ids of guarantees. */
export function idsIn(text: string): string[] {
  return text
    .split(',')
    .map(id => id.trim())
    .filter(id => id !== '');
}
