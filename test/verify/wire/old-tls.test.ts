import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speaks } from '../../../src/verify/wire/old-tls.ts';

let folder: string;
let identity: { key: string; cert: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'old-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const options = [
    'req',
    '-x509',
    ...curve,
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '1',
    '-subj',
    '/CN=localhost',
  ];
  execFileSync('openssl', options, { stdio: 'ignore' });
  identity = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withServer<T>(
  minVersion: 'TLSv1' | 'TLSv1.2',
  work: (port: number) => Promise<T>,
): Promise<T> {
  const server = tls.createServer({ ...identity, minVersion, ciphers: 'DEFAULT:@SECLEVEL=0' });
  server.on('tlsClientError', () => {});
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const HERE = '127.0.0.1';

describe.each(['TLSv1', 'TLSv1.1'] as const)('%s', version => {
  it('is spoken by a server that still takes it', async () => {
    expect(await withServer('TLSv1', port => speaks({ host: HERE, port }, 'localhost', version))).toBe(true);
  });

  it('is not spoken by a server that says no', async () => {
    expect(await withServer('TLSv1.2', port => speaks({ host: HERE, port }, 'localhost', version))).toBe(
      false,
    );
  });

  it('is not spoken by a server that hangs up', async () => {
    const server = createServer(socket => socket.on('data', () => socket.destroy()));
    await new Promise<void>(resolve => server.listen(0, HERE, resolve));
    const { port } = server.address() as AddressInfo;
    expect(await speaks({ host: HERE, port }, 'localhost', version)).toBe(false);
    server.close();
  });

  it('is not told of a server that says nothing', async () => {
    const server = createServer(() => {});
    await new Promise<void>(resolve => server.listen(0, HERE, resolve));
    const { port } = server.address() as AddressInfo;
    await expect(speaks({ host: HERE, port }, 'localhost', version, 200)).rejects.toThrow('no answer to a');
    server.close();
  });

  it('is not told of where nobody listens', async () => {
    await expect(speaks({ host: HERE, port: 1 }, 'localhost', version)).rejects.toThrow('ECONNREFUSED');
  });
});
