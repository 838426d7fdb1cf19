import { expect, expectNoStack, expectProblem, expectStatus, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpClient } from '../../http/client.ts';
import { OpenApi } from '../../http/openapi.ts';

/** More than any stage's limit for a body would be kinder; this is over the program's (64 KiB) and under nginx's. */
const TOO_LARGE = 80 * 1024;
const METHODS = ['PUT', 'PATCH', 'DELETE'];

export const stallErrors: Guarantee = {
  id: 'stall.errors',
  lines: ['B5'],
  title: 'unknown route 404, bad JSON 400, body too large 413, wrong method 405, wrong type 415',
  from: 'stall',
  needs: ['probes.read', ['probes.logins', 'probes.write']],
  async check(world) {
    const { door, probes, blueprint } = world;
    expectProblem(await door.get('/no-such-route'), 404);
    const { path, session } = await probes.postable();
    const post = (type: string, body: string) =>
      door.request('POST', path, { headers: { ...session.headers, 'content-type': type }, body });
    expectProblem(await post('application/json', '{"text":'), 400);
    expectProblem(await post('application/xml', '<a/>'), 415);
    expectProblem(await post('application/json', JSON.stringify({ text: 'x'.repeat(TOO_LARGE) })), 413);
    await probes.expectRead();
    await expectWrongMethodRefused(world);
    if (blueprint.frontDoor.scheme === 'http') await expectMalformedRefused(door);
    const odd = await door.get(`${pathOf(probes.readPath)}/%00`, { headers: { 'x-request-id': '<script>' } });
    expect(odd.status >= 400 && odd.status < 500, `${odd.request} answered ${odd.status}, not 4xx`);
    expectNoStack(odd);
    await probes.expectRead();
    return kept(
      'each is answered with its own status, as JSON without a stack, and the next request is served',
      { requests: 8 },
    );
  },
};

/** Asks what is read with a method that openapi.yaml does not know there. */
async function expectWrongMethodRefused({ door, probes, directory }: World): Promise<void> {
  const path = pathOf(probes.readPath);
  const documented = await OpenApi.of(directory).then(
    api => api.operations.filter(({ pattern }) => pattern.test(path)).map(each => each.method),
    (): string[] => [],
  );
  const method = METHODS.find(each => !documented.includes(each));
  if (!method) return;
  const answer = await door.request(method, path);
  expectStatus(answer, 405);
  expectProblem(answer, 405);
  const { allow = 'none' } = answer.headers;
  expect(allow.includes('GET'), `${answer.request} answered 405 with Allow: ${allow}, not GET`);
}

async function expectMalformedRefused(door: HttpClient): Promise<void> {
  const answer = await door.raw('THIS IS NOT HTTP\r\n\r\n');
  expect(
    answer === '' || /^HTTP\/1\.[01] 4\d\d/.test(answer),
    `a malformed request was answered with ${JSON.stringify(answer.slice(0, 60))}, not with 400`,
  );
}

function pathOf(path: string): string {
  return path.split('?')[0] ?? path;
}
