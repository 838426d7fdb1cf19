import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { greet } from '../../../src/verify/wire/tls-hello.ts';

let folder: string;
let identity: { key: string; cert: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-hello-'));
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

describe('greet', () => {
  it.each(['TLSv1', 'TLSv1.1'] as const)('is accepted by a server that speaks %s', async version => {
    const greeting = await withServer('TLSv1', port =>
      greet({ host: '127.0.0.1', port }, 'localhost', version),
    );
    expect(greeting).toEqual({ kind: 'accepted' });
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('hears protocol_version from a server without %s', async version => {
    const greeting = await withServer('TLSv1.2', port =>
      greet({ host: '127.0.0.1', port }, 'localhost', version),
    );
    expect(greeting).toEqual({ kind: 'refused', alert: 70 });
  });

  it('fails where nobody listens', async () => {
    await expect(greet({ host: '127.0.0.1', port: 1 }, 'localhost', 'TLSv1')).rejects.toThrow('ECONNREFUSED');
  });
});
