/**
 * Signatures between services, as Standard Webhooks describes them: HMAC-SHA256 over `id.timestamp.body`, with one key per
 * pair of sender and receiver. A key that leaks speaks for one sender to one receiver and for nobody else.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** A recorded request is worthless after this. Standard Webhooks' own figure, in seconds: it forgives clocks that differ. */
const TOLERANCE_SECONDS = 300;

export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** The headers that prove who sent `body`. `now` is in milliseconds since 1970. */
export function signedHeaders(key: string, id: string, body: string, now = Date.now()): SignatureHeaders {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${digest(key, id, timestamp, body).toString('base64')}`,
  };
}

/**
 * Whether one of `keys` signed this body within the last five minutes. While a key is being replaced both are valid: the
 * receiver learns the new one first, then the sender begins to use it.
 */
export function isSigned(
  keys: readonly string[],
  headers: Readonly<Record<string, unknown>>,
  body: string,
  now = Date.now(),
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return false;
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const given = signature.split(' ').flatMap(part => (part.startsWith('v1,') ? [part.slice(3)] : []));
  return keys.some(key => given.some(text => isSame(text, digest(key, id, timestamp, body))));
}

function isSame(base64: string, expected: Buffer): boolean {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

function digest(key: string, id: string, timestamp: string, body: string): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
}
