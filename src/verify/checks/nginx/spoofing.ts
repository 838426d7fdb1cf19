import { isIP } from 'node:net';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { newMark } from '../../http/mark.ts';
import { lineAbout } from '../../system/nginx-log.ts';
import { heardBehind } from '../../system/stand-in.ts';
import { overTheWire, statusesIn } from '../../wire/wire.ts';

const LIE = '6.6.6.6';
/** What a client could say about itself, or about what it asks for, that a program behind might believe. */
const CLAIMS = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-real-ip',
  'x-original-url',
  'x-rewrite-url',
  'forwarded',
];

export const nginxSpoofing: Guarantee = {
  id: 'nginx.spoofing',
  lines: ['F6'],
  title: 'a foreign name is refused, and what clients claim about themselves is not believed',
  from: 'nginx',
  needs: [],
  async check(world) {
    const names = await expectForeignNamesRefused(world);
    await expectTrueClientLogged(world);
    const claimed = await heardBehind(world, Object.fromEntries(CLAIMS.map(name => [name, LIE])));
    const heard = claimed?.headers;
    if (!heard) return kept(`${names} foreign names refused; the log shows the true client`, { names });
    const believed = CLAIMS.find(name => String(heard[name] ?? '').includes(LIE));
    expect(!believed, `the program hears the client's own ${believed}: ${heard[believed ?? '']}`);
    const client = String(heard['x-forwarded-for']);
    expect(isIP(client) !== 0, `the program hears of a client at ${client}, not at one address`);
    return kept(`${names} foreign names refused; none of ${CLAIMS.length} claims gets to the program`, {
      names,
      claims: CLAIMS.length,
    });
  },
};

async function expectForeignNamesRefused({ running, blueprint }: World): Promise<number> {
  const { domain, basePath } = blueprint.frontDoor;
  const request = (target: string, ...hosts: string[]) =>
    [`GET ${target} HTTP/1.1`, ...hosts.map(host => `Host: ${host}`), 'Connection: close', '', ''].join(
      '\r\n',
    );
  const path = `${basePath}/no-such-route`;
  const foreign = [
    { what: 'an unknown Host', bytes: request(path, 'evil.example') },
    { what: 'an unknown name in the handshake', bytes: request(path, domain), servername: 'evil.example' },
    { what: 'an unknown name in the request line', bytes: request(`https://evil.example${path}`, domain) },
    { what: 'two Hosts', bytes: request(path, domain, 'evil.example') },
    { what: 'no Host', bytes: request(path) },
  ];
  for (const { what, bytes, servername } of foreign) {
    const answer = await overTheWire(running, bytes, servername === undefined ? {} : { servername });
    const [status = 0] = statusesIn(answer);
    expect(status === 400 || status === 421, `a request with ${what} is answered ${status}, not 400 or 421`);
    expect(!answer.includes('evil.example'), `the answer to a request with ${what} repeats that name`);
  }
  return foreign.length;
}

async function expectTrueClientLogged(world: World): Promise<void> {
  const id = newMark(world.random);
  await world.door.get('/no-such-route', { headers: { 'x-request-id': id, 'x-forwarded-for': LIE } });
  const line = await lineAbout(world, id);
  expect(!line.includes(LIE), `X-Forwarded-For from outside gets into the log: ${line}`);
}
