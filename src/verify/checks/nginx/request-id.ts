import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { newMark } from '../../http/mark.ts';
import { lineAbout } from '../../system/nginx-log.ts';
import { heardBehind } from '../../system/stand-in.ts';

const VALID = /^[A-Za-z0-9._-]{8,64}$/;
/** What must not get into a log as it is: too short, too long, or with a character that means something elsewhere. */
const INVALID = [
  'short',
  'x'.repeat(65),
  'with a blank',
  'a"},{"level":60',
  '../../etc/passwd',
  '<script>1</script>',
];

export const nginxRequestId: Guarantee = {
  id: 'nginx.request-id',
  lines: ['F13'],
  title: 'one id names a request in the answer, in the log of nginx and in the program',
  from: 'nginx',
  needs: [],
  async check(world) {
    const own = newMark(world.random);
    const ids = [await idOf(world, own)];
    expect(ids[0] === own, `the client's id ${own} became ${ids[0]}`);
    for (const given of INVALID) {
      const id = await idOf(world, given);
      expect(id !== given, `the client's id ${JSON.stringify(given)} was kept`);
      ids.push(id);
    }
    expect(new Set(ids).size === ids.length, `two requests had the same id: ${ids.join(', ')}`);
    for (const id of ids) await lineAbout(world, id);
    await expectHeard(world);
    return kept(`a good id is kept, ${INVALID.length} bad ones replaced, the same everywhere`, {
      requests: ids.length,
    });
  },
};

/** The id of a request, about which a program that names it in its answer must agree. */
async function idOf({ door }: World, given: string): Promise<string> {
  const { headers, text } = await door.get('/no-such-route', { headers: { 'x-request-id': given } });
  const id = String(headers['x-request-id']);
  expect(VALID.test(id), `a request is answered with the id ${JSON.stringify(id)}`);
  const named = /"requestId": *"([^"]*)"/.exec(text)?.[1];
  expect(
    named === undefined || named === id,
    `the answer's header names the request ${id}, the program ${named}`,
  );
  return id;
}

/** @throws Broken unless a program hears the id, and nothing but an id */
async function expectHeard(world: World): Promise<void> {
  const own = newMark(world.random);
  const heard = (await heardBehind(world, { 'x-request-id': own }))?.headers;
  expect(
    heard === undefined || heard['x-request-id'] === own,
    `the program hears of the request ${own} as ${heard?.['x-request-id']}`,
  );
}
