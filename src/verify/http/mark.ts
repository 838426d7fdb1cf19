import { newHex, type Random } from '../random.ts';

/** A name that nothing else bears, fit to be a request's id: by it a check finds again what it sent. */
export function newMark(random: Random): string {
  return `verify-${newHex(random, 6)}`;
}
