/** Bytes over TLS as a check writes them: what no HTTP client would send. */
import net from 'node:net';
import tls from 'node:tls';
import type { Running } from '../../engines/engine.ts';
import { TooLate } from '../outcome.ts';

/** One for all connections: Node takes milliseconds to make one, which many connections at once would spend on nothing else. */
let context: tls.SecureContext | undefined;

export interface WireOptions {
  /** The name asked for in the handshake; absent: the front door's own. */
  readonly servername?: string;
  /** The address to come from; absent: the system's choice. */
  readonly from?: string;
}

/** How long a connection may be silent. */
export const SILENT_MS = 5_000;

/**
 * A connection to the front door, handshake done. Whatever certificate it shows is taken.
 * @throws Error if there is none in time
 */
export function dial({ frontDoor, blueprint }: Running, options: WireOptions = {}): Promise<tls.TLSSocket> {
  const { servername = blueprint.frontDoor.domain, from } = options;
  context ??= tls.createSecureContext({ ca: [] });
  const secureContext = context;
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      secureContext,
      host: frontDoor.host,
      port: frontDoor.port,
      servername: net.isIP(servername) ? '' : servername,
      ...(from === undefined ? {} : { localAddress: from }),
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    });
    // A server may hang up at any moment: whoever has the connection learns it from `close`.
    socket.on('error', reject);
    socket.setTimeout(SILENT_MS, () =>
      socket.destroy(new Error(`no handshake within ${SILENT_MS / 1000} s`)),
    );
    socket.on('secureConnect', () => resolve(socket.setTimeout(0)));
  });
}

/**
 * Writes bytes over a connection of their own. @returns everything that came back until the server closed it
 * @throws TooLate if it does not in time
 */
export async function overTheWire(running: Running, bytes: string, options?: WireOptions): Promise<string> {
  const socket = await dial(running, options);
  return await new Promise((resolve, reject) => {
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.setTimeout(SILENT_MS, () => {
      socket.destroy();
      reject(new TooLate(`the connection stayed open after ${JSON.stringify(received.slice(0, 80))}`));
    });
    socket.on('close', () => resolve(received));
    socket.write(bytes, 'latin1');
  });
}

/** The status codes of the answers in what came back, in their order. */
export function statusesIn(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(match => Number(match[1]));
}
