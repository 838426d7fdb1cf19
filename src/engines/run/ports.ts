/** Free ports on loopback, none handed out twice by this process. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { EngineError } from '../../errors.ts';

export const LOOPBACK = '127.0.0.1';

const LOWEST = 20_000;
/** First ephemeral port on Linux by default; macOS and Windows begin at 49152. */
const LINUX_EPHEMERAL = 32_768;
const TRIES = 50;

const reserved = new Set<number>();

/**
 * A port that nothing listens on. It lies below the ephemeral range: from inside that range, an outgoing connection of the
 * load could take the port of a copy that is down, and the copy could not come back.
 */
export async function reservePort(): Promise<number> {
  const below = firstEphemeralPort();
  for (let attempt = 0; attempt < TRIES && below - LOWEST > 1000; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (below - LOWEST));
    if (reserved.has(port)) continue;
    // Before it is tried: two who draw the same one at the same time must not both find it free.
    reserved.add(port);
    if ((await listenBriefly(port)) === port) return port;
    reserved.delete(port);
  }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = await listenBriefly(0);
    if (port === undefined || reserved.has(port)) continue;
    reserved.add(port);
    return port;
  }
  throw new EngineError('no free port on 127.0.0.1', { lacks: 'machine' });
}

/** Whether a port that the user asked for can be listened on. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenBriefly(port)) === port;
}

/** @throws EngineError where a port that the user asked for cannot be listened on */
export async function requireFreePort(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw new EngineError(
    `port ${port} cannot be listened on: something else has it, or it needs more rights`,
    { hint: 'stop what uses it, or regenerate with another --port', lacks: 'machine' },
  );
}

export function releasePorts(ports: Iterable<number>): void {
  for (const port of ports) reserved.delete(port);
}

function firstEphemeralPort(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return Number.isInteger(first) && first > 0 ? first : LINUX_EPHEMERAL;
  } catch {
    return LINUX_EPHEMERAL;
  }
}

function listenBriefly(port: number): Promise<number | undefined> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      const found = typeof address === 'object' && address ? address.port : undefined;
      server.close(() => resolve(found));
    });
  });
}
