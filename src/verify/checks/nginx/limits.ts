import { DOOR_LIMITS } from '../../../journey/limits.ts';
import { expect, expectProblem, expectStatus, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { elsewhere } from '../../load/crowd.ts';
import { overTheWire, statusesIn } from '../../wire/wire.ts';

/** A path that no program has: nginx limits what is asked, whatever it is. */
const ANY_PATH = '/no-such-route';
/** Over nginx's limits for a body and for a header. */
const TOO_LONG_BYTES = DOOR_LIMITS.headerKilobytes * 1024 + 800;
const TOO_LARGE_BYTES = DOOR_LIMITS.bodyKilobytes * 1024 + 4_000;
const CONNECTIONS = 4;
/** On each connection. Together over what one address may ask at once, and in the time that this takes. */
const REQUESTS = (2.4 * DOOR_LIMITS.burst) / CONNECTIONS;
/** After this nginx has forgotten a burst. */
const FORGOTTEN_MS = (1.1 * 1_000 * DOOR_LIMITS.burst) / DOOR_LIMITS.perSecond;

export const nginxLimits: Guarantee = {
  id: 'nginx.limits',
  lines: ['F7'],
  title: 'too large a body or header, and too many requests from one address, are refused',
  from: 'nginx',
  needs: [],
  async check(world) {
    const { door } = world;
    expectProblem(await door.post(ANY_PATH, { text: 'a'.repeat(TOO_LARGE_BYTES) }), 413);
    const header = await door.get(ANY_PATH, { headers: { 'x-large': 'a'.repeat(TOO_LONG_BYTES) } });
    expectStatus(header, 400, 431);
    expect(!/nginx\/\d/.test(header.text), `${describe(header)}: it tells the server's version`);
    const { refused, sent } = await expectBurstRefused(world);
    return kept(`413, ${header.status}, and 429 to ${refused} of ${sent} requests at once from one address`, {
      requests: sent,
      refused,
    });
  },
};

async function expectBurstRefused(world: World): Promise<{ refused: number; sent: number }> {
  const { running, blueprint, door } = world;
  const { domain, node, basePath } = blueprint.frontDoor;
  const from = await elsewhere(world, node);
  const request = (connection: string) =>
    `GET ${basePath}${ANY_PATH} HTTP/1.1\r\nHost: ${domain}\r\nConnection: ${connection}\r\n\r\n`;
  const bytes = request('keep-alive').repeat(REQUESTS - 1) + request('close');
  const answers = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => overTheWire(running, bytes, from ? { from } : {})),
  );
  const all = answers.flatMap(statusesIn);
  const refused = all.filter(status => status === 429).length;
  const sent = CONNECTIONS * REQUESTS;
  expect(refused > 0, `${sent} requests at once from one address were all let in`);
  expect(
    all.length === sent && refused < sent / 1.5,
    `of ${sent} requests ${all.length} were answered, ${refused} with 429`,
  );
  const [, first = ''] = answers.join('').split(/(?=HTTP\/1\.1 429)/);
  for (const wanted of [/^retry-after: \d/im, /^content-type: application\/problem\+json/im]) {
    expect(wanted.test(first.slice(0, 2_000)), `a 429 comes without ${wanted.source}`);
  }
  if (from === undefined) await sleep(FORGOTTEN_MS);
  const after = await door.get(ANY_PATH);
  expect(after.status !== 429, `${describe(after)} to an address that has asked for little`);
  return { refused, sent };
}
