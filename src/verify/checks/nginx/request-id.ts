import { eventually, expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpResponse } from '../../http/client.ts';
import { newMark } from '../../http/mark.ts';

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
  async check(world) {
    const own = newMark();
    const ids = [await idOf(world, own)];
    expect(ids[0] === own, `the client's id ${own} became ${ids[0]}`);
    for (const given of INVALID) {
      const id = await idOf(world, given);
      expect(id !== given, `the client's id ${JSON.stringify(given)} was kept`);
      ids.push(id);
    }
    expect(new Set(ids).size === ids.length, `two requests had the same id: ${ids.join(', ')}`);
    await eventually(`each of the ids ${ids.join(', ')} in the log of nginx`, 2_000, async () => {
      const lines = (await world.running.logs(world.blueprint.frontDoor.node)).join('\n');
      return ids.every(id => lines.includes(id));
    });
    return kept(`a good id is kept, ${INVALID.length} bad ones replaced, the same everywhere`, {
      requests: ids.length,
    });
  },
};

/** The id of a request, which answer and program must agree about. */
async function idOf({ shop }: World, given: string): Promise<string> {
  const response: HttpResponse = await shop.get('/no-such-route', { headers: { 'x-request-id': given } });
  const id = String(response.headers['x-request-id']);
  expect(VALID.test(id), `a request is answered with the id ${JSON.stringify(id)}`);
  const { requestId } = response.json<{ requestId?: unknown }>();
  expect(requestId === id, `the answer's header names the request ${id}, the program ${requestId}`);
  return id;
}
