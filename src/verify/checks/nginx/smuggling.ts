import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { heardBehind } from '../../system/stand-in.ts';
import { overTheWire, statusesIn } from '../../wire/wire.ts';

interface Attack {
  readonly what: string;
  readonly headers: readonly string[];
  readonly body: string;
  /** Legal, if read in the one right way. */
  readonly mayPass?: boolean;
}

/** Headers that concern one connection alone, and one that `Connection` says is such. */
const HOP_BY_HOP = { connection: 'X-User', te: 'trailers', upgrade: 'h2c', 'keep-alive': 'timeout=9' };

export const nginxSmuggling: Guarantee = {
  id: 'nginx.smuggling',
  lines: ['F12'],
  title: 'no request hides in another: what two servers could read in two ways is refused or made plain',
  from: 'nginx',
  needs: ['probes.read'],
  async check(world) {
    const attacks = attacksOn(world);
    for (const { what, bytes, mayPass = false } of attacks) {
      const statuses = statusesIn(await overTheWire(world.running, bytes));
      const [status = 0] = statuses;
      const isRefused = status === 400 || status === 501;
      expect(
        statuses.length === 1 && (isRefused || mayPass),
        `a request with ${what} is answered ${statuses.join(' and ') || 'with silence'}, not 400`,
      );
    }
    // Had a program taken a rest for a request, somebody else would now get the answer to it.
    for (let next = 0; next < 6; next++) await world.probes.expectRead();
    const heard = (await heardBehind(world, HOP_BY_HOP))?.headers;
    const passed = Object.entries(HOP_BY_HOP).find(([name, value]) => heard?.[name] === value)?.[0];
    expect(!passed, `the client's own ${passed} gets to the program`);
    return kept(`${attacks.length} malformed requests are answered once each, none passed on as two`, {
      attacks: attacks.length,
    });
  },
};

function attacksOn({ blueprint }: World): (Attack & { bytes: string })[] {
  const { domain, basePath } = blueprint.frontDoor;
  const host = `Host: ${domain}`;
  // Answered otherwise than what is read afterwards: so that its answer is not taken for theirs.
  const path = `${basePath}/no-such-route`;
  const hidden = `GET ${path} HTTP/1.1\r\n${host}\r\n\r\n`;
  const chunked = 'Transfer-Encoding: chunked';
  const length = `Content-Length: ${hidden.length}`;
  const ended = `0\r\n\r\n${hidden}`;
  const attacks: Attack[] = [
    { what: 'Content-Length beside Transfer-Encoding', headers: ['Content-Length: 4', chunked], body: ended },
    { what: 'two Content-Lengths', headers: ['Content-Length: 0', length], body: hidden },
    { what: 'a Content-Length below 0', headers: ['Content-Length: -1'], body: hidden },
    { what: 'an unknown Transfer-Encoding', headers: ['Transfer-Encoding: xchunked'], body: ended },
    { what: 'two Transfer-Encodings', headers: [chunked, 'Transfer-Encoding: identity'], body: ended },
    { what: 'a blank before the colon', headers: ['Transfer-Encoding : chunked'], body: ended },
    { what: 'a chunk without a size', headers: [chunked], body: `zz\r\n${hidden}` },
    {
      what: 'chunks that end in bare LF',
      headers: [chunked],
      body: ended.replaceAll('\r\n', '\n'),
      mayPass: true,
    },
    { what: 'another request as its body', headers: [length], body: hidden, mayPass: true },
  ];
  return attacks.map(attack => {
    const head = [`POST ${path} HTTP/1.1`, host, 'Content-Type: application/json', 'Connection: close'];
    return { ...attack, bytes: `${[...head, ...attack.headers].join('\r\n')}\r\n\r\n${attack.body}` };
  });
}
