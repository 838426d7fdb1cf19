/**
 * A TLS handshake's first message, made by hand: today's OpenSSL will not offer TLS 1.0 or 1.1 under most configurations, and a
 * check that cannot ask cannot tell a server that refuses from a client that never asked.
 */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import type { Endpoint } from '../../engines/engine.ts';

export type OldVersion = 'TLSv1' | 'TLSv1.1';

export type Greeting =
  /** The server went on with the handshake. */
  | { readonly kind: 'accepted' }
  /** The server said no in TLS's own words (70 is `protocol_version`), or hung up. */
  | { readonly kind: 'refused'; readonly alert: number | undefined };

const MINOR: Readonly<Record<OldVersion, number>> = { TLSv1: 1, 'TLSv1.1': 2 };
const ALERT = 0x15;
const HANDSHAKE = 0x16;
/** ECDHE-ECDSA, ECDHE-RSA, DHE-RSA and RSA with AES-CBC and SHA-1, and 3DES: everything that old versions can speak. */
const CIPHERS = [0xc00a, 0xc009, 0xc014, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f, 0x000a];

/** Offers a server nothing newer than `version`. @throws Error if it cannot be reached or stays silent */
export function greet(
  endpoint: Endpoint,
  servername: string,
  version: OldVersion,
  withinMs = 5_000,
): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(endpoint.port, endpoint.host);
    let connected = false;
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer to a ${version} handshake within ${withinMs / 1000} s`));
    }, withinMs);
    const done = (greeting: Greeting) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(greeting);
    };
    socket.on('connect', () => {
      connected = true;
      socket.write(clientHello(servername, MINOR[version]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received[0] === HANDSHAKE) done({ kind: 'accepted' });
      else if (received[0] === ALERT && received.length >= 7) done({ kind: 'refused', alert: received[6] });
    });
    socket.on('error', error => {
      if (connected) return done({ kind: 'refused', alert: undefined });
      clearTimeout(timer);
      reject(error);
    });
    socket.on('close', () => done({ kind: 'refused', alert: undefined }));
  });
}

/** RFC 5246 §7.4.1.2, in the form that TLS 1.0 and 1.1 share with it. */
function clientHello(servername: string, minor: number): Buffer {
  const name = Buffer.from(servername);
  const extensions = sized(
    2,
    Buffer.concat([
      // An address is no server name: no SNI then.
      ...(net.isIP(servername)
        ? []
        : [extension(0x0000, sized(2, Buffer.concat([Buffer.from([0]), sized(2, name)])))]),
      extension(0x000a, sized(2, words([0x001d, 0x0017, 0x0018]))),
      extension(0x000b, sized(1, Buffer.from([0]))),
    ]),
  );
  const body = Buffer.concat([
    Buffer.from([3, minor]),
    randomBytes(32),
    Buffer.from([0]),
    sized(2, words(CIPHERS)),
    Buffer.from([1, 0]),
    extensions,
  ]);
  const message = Buffer.concat([Buffer.from([1]), sized(3, body)]);
  return Buffer.concat([Buffer.from([HANDSHAKE, 3, 1]), sized(2, message)]);
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([words([type]), sized(2, body)]);
}

/** The bytes after their own length, which takes `width` bytes. */
function sized(width: number, body: Buffer): Buffer {
  const length = Buffer.alloc(width);
  length.writeUIntBE(body.length, 0, width);
  return Buffer.concat([length, body]);
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}
