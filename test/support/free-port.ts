import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** A port of loopback that nothing listens on. @throws Error if `wanted` is taken */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  return address.port;
}

/**
 * A port that nothing listens on, nor on the next one. Not one of those that outgoing connections get: it may be a minute until it is
 * listened on.
 */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const free = await Promise.allSettled([freePort(port), freePort(port + 1)]);
    if (free.every(({ status }) => status === 'fulfilled')) return port;
  }
}
