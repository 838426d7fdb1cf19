import { randomBytes } from 'node:crypto';

/** A name that nothing else bears, fit to be a request's id: by it a check finds again what it sent. */
export function newMark(): string {
  return `verify-${randomBytes(6).toString('hex')}`;
}
