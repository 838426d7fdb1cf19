import net from 'node:net';
import tls from 'node:tls';
import { messageOf } from '../../../errors.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { Broken, NotVerifiable, TooLate } from '../../outcome.ts';
import { speaks } from '../../wire/old-tls.ts';
import { SILENT_MS } from '../../wire/wire.ts';

/** ECDHE with AES-CBC and SHA-1 or SHA-256. */
const OLD_CIPHERS =
  'ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256';

export const nginxTls: Guarantee = {
  id: 'nginx.tls',
  lines: ['F2'],
  title: 'TLS 1.2 and 1.3 only, with HTTP/2',
  from: 'nginx',
  needs: [],
  async check(world) {
    const { running, blueprint } = world;
    expect(running.frontDoor.scheme === 'https', 'the front door does not speak TLS');
    const { domain } = blueprint.frontDoor;
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      expect(!(await speaks(running.frontDoor, domain, version)), `the front door accepts ${version}`);
    }
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { protocol, alpn } = await shakeHands(world, version);
      expect(protocol === version, `a ${version} handshake ended as ${protocol}`);
      expect(alpn === 'h2', `the front door does not offer HTTP/2 over ${version}`);
    }
    const old = await shakeHands(world, 'TLSv1.2', OLD_CIPHERS).catch(() => undefined);
    expect(!old, `the front door takes a cipher without authenticated encryption: ${old?.cipher}`);
    return kept(
      'TLS 1.0 and 1.1 refused by the server, 1.2 and 1.3 accepted, HTTP/2 offered; ciphers with CBC refused',
      {
        handshakes: 5,
      },
    );
  },
};

function shakeHands(
  { running, blueprint }: World,
  version: 'TLSv1.2' | 'TLSv1.3',
  ciphers?: string,
): Promise<{ protocol: string | null; alpn: string | false | null; cipher: string }> {
  const { domain } = blueprint.frontDoor;
  const ca = running.certificate;
  if (!ca) throw new NotVerifiable('the engine does not show the certificate');
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: running.frontDoor.host,
      port: running.frontDoor.port,
      servername: net.isIP(domain) ? '' : domain,
      ca,
      minVersion: version,
      maxVersion: version,
      ...(ciphers === undefined ? {} : { ciphers }),
      ALPNProtocols: ['h2', 'http/1.1'],
      timeout: SILENT_MS,
    });
    socket.on('secureConnect', () => {
      resolve({ protocol: socket.getProtocol(), alpn: socket.alpnProtocol, cipher: socket.getCipher().name });
      socket.destroy();
    });
    socket.on('timeout', () =>
      socket.destroy(new TooLate(`no answer to a ${version} handshake within ${SILENT_MS / 1000} s`)),
    );
    socket.on('error', error =>
      reject(
        error instanceof TooLate ? error : new Broken(`a ${version} handshake failed: ${messageOf(error)}`),
      ),
    );
  });
}
