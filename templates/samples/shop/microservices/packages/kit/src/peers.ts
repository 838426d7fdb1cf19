/** The other services, as the environment names them. */
import { Breaker } from '#kit/breaker';
import { readConfig, secretFile } from '#kit/config';
import type { Peer } from '#kit/deliver';

/**
 * Whom this service sends to: `ORDERS_URL` and `SEND_KEY_ORDERS_FILE` for `orders`.
 * @param optional services that this shop may run without; those whose URL is not set are left out
 * @throws StartError naming the variable that is missing or wrong
 */
export function readPeers(
  required: readonly string[],
  optional: readonly string[] = [],
): ReadonlyMap<string, Peer> {
  const names = [...required, ...optional.filter(name => process.env[`${name.toUpperCase()}_URL`])];
  return new Map(names.map(name => [name, readPeer(name)]));
}

/**
 * Whose messages this service takes: `RECEIVE_KEY_ORDERS_FILE` for `orders`. To replace a key, put the new one into the file
 * as a second line, then into the sender's as the only one, and then remove the old one here.
 * @param optional services that this shop may run without
 * @throws StartError naming the variable that is missing or wrong
 */
export function readSenders(
  required: readonly string[],
  optional: readonly string[] = [],
): ReadonlyMap<string, readonly string[]> {
  const names = [
    ...required,
    ...optional.filter(name => process.env[`RECEIVE_KEY_${name.toUpperCase()}_FILE`]),
  ];
  return new Map(names.map(name => [name, readKeys(name)]));
}

function readPeer(name: string): Peer {
  const upper = name.toUpperCase();
  const { url, key } = readConfig({
    url: { name: `${upper}_URL`, read: origin },
    key: { name: `SEND_KEY_${upper}_FILE`, read: secretFile },
  });
  return { name, url, key, breaker: new Breaker() };
}

function readKeys(name: string): readonly string[] {
  const { keys } = readConfig({ keys: { name: `RECEIVE_KEY_${name.toUpperCase()}_FILE`, read: secretFile } });
  return keys.split(/\s+/);
}

function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/') {
    throw new Error(`must look like http://orders:3000, not ${value}`);
  }
  return url.origin;
}
