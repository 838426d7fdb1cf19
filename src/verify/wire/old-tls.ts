/** Whether a server still speaks a version of TLS that nobody should. */
import net from 'node:net';
import tls from 'node:tls';
import type { Endpoint } from '../../engines/engine.ts';
import { codeOf } from '../../errors.ts';
import { NotVerifiable, TooLate } from '../outcome.ts';
import { SILENT_MS } from './wire.ts';

export type OldVersion = 'TLSv1' | 'TLSv1.1';

/** OpenSSL's lowest level of security: at any other it offers no old version, and nobody could tell who refused. */
const ANY_CIPHER = 'DEFAULT:@SECLEVEL=0';
/** What is wrong before a byte is sent. */
const NOT_OFFERED = /^ERR_SSL_NO_(PROTOCOLS|CIPHERS)_AVAILABLE$/;

/**
 * Offers a server nothing but `version`. @returns whether it goes along; false where it says no or hangs up
 * @throws NotVerifiable if this Node does not offer it; TooLate if the server is silent; Error if it cannot be reached
 */
export function speaks(
  { host, port }: Endpoint,
  servername: string,
  version: OldVersion,
  withinMs = SILENT_MS,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host,
      port,
      // An address is no server name.
      servername: net.isIP(servername) ? '' : servername,
      minVersion: version,
      maxVersion: version,
      ciphers: ANY_CIPHER,
      rejectUnauthorized: false,
      timeout: withinMs,
    });
    let isConnected = false;
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('secureConnect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('timeout', () =>
      socket.destroy(new TooLate(`no answer to a ${version} handshake within ${withinMs / 1000} s`)),
    );
    socket.on('error', error => {
      if (NOT_OFFERED.test(codeOf(error)))
        reject(new NotVerifiable(`this Node.js does not offer ${version}`, 'machine'));
      else if (!isConnected || error instanceof TooLate) reject(error);
      else resolve(false);
    });
  });
}
