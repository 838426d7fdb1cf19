import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOfUp } from '../../src/commands/up-lines.ts';

const PLAIN = { scheme: 'http', host: '127.0.0.1', port: 3000, basePath: '' } as const;
const TLS = { scheme: 'https', host: '127.0.0.1', port: 8443, basePath: '/api' } as const;

it('is the address alone where nothing else is known', () => {
  expect(linesOfUp(PLAIN)).toEqual(['up: http://127.0.0.1:3000/ (Ctrl-C stops everything)']);
  expect(linesOfUp(TLS)).toEqual(['up: https://127.0.0.1:8443/api/ (Ctrl-C stops everything)']);
  expect(linesOfUp(PLAIN, { probes: { logins: {} } })).toHaveLength(1);
});

it('leaves out what only a verification can fill in', () => {
  const logins = { guest: { path: '/visits/{uuid}' } };
  expect(linesOfUp(PLAIN, { probes: { read: { get: '/rooms?on={day}' }, logins } })).toHaveLength(1);
});

describe.runIf(process.platform !== 'win32')('what is printed can be pasted in the project’s folder', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'up-lines-'));
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets', 'demo_password'), 'f0o-b_ar\n');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The words that curl gets, for each line that begins with it. */
  function pasted(lines: readonly string[]): string[][] {
    const commands = lines.map(line => line.trim()).filter(line => line.startsWith('curl '));
    return commands.map(command => {
      const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
      return execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).split('\0').slice(0, -1);
    });
  }

  it('reading', () => {
    expect(
      pasted(linesOfUp(PLAIN, { probes: { read: { get: "/things?name=O'Neil&all" }, logins: {} } })),
    ).toEqual([["http://127.0.0.1:3000/things?name=O'Neil&all"]]);
  });

  it('logging in, over TLS, with a secret in the body', () => {
    const body = {
      email: "o'neil@example.org",
      password: { secret: 'demo_password' },
      note: 'costs $5 `or` "more" \\',
    };
    const lines = linesOfUp(TLS, {
      probes: { logins: { customer: { path: '/sessions', body, cookie: 'session' } } },
    });
    expect(lines[1]).toContain('customer');
    const [words = []] = pasted(lines);
    const json = words[words.indexOf('--json') + 1] ?? '';
    expect(JSON.parse(json)).toEqual({ ...body, password: 'f0o-b_ar' });
    expect(words.filter(word => word !== json)).toEqual([
      ...['--cacert', 'secrets/tls_crt', '--cookie-jar', 'secrets/cookies', '--json'],
      'https://127.0.0.1:8443/api/sessions',
    ]);
    expect(lines.join('\n')).not.toContain('f0o-b_ar');
  });

  it('logging in without a body, for a token', () => {
    const logins = { robot: { path: '/token', bearer: 'body.token' } };
    expect(pasted(linesOfUp(PLAIN, { probes: { logins } }))).toEqual([
      ['--request', 'POST', 'http://127.0.0.1:3000/token'],
    ]);
  });
});
