import { expect, expectNoStack, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpResponse } from '../../http/client.ts';

/** More than any server here takes in one line. */
const ENORMOUS = 40 * 1024;
const LONG = 4 * 1024;

const QUERIES = [
  'q=key&q=board',
  'limit=1&limit=2',
  'limit=1e2',
  'limit=-1',
  'limit[]=1',
  'after=99999999999999999999',
  'q=%00',
  'q=%ff%fe',
  'q=%F0%9F%92%A9',
  '__proto__[limit]=1&constructor[prototype][limit]=1',
  `q=${'x'.repeat(LONG)}`,
  `q=${'x'.repeat(ENORMOUS)}`,
  Array.from({ length: 400 }, (_, index) => `k${index}=1`).join('&'),
];
/** Behind the path that is read. */
const SEGMENTS = ['__proto__', 'constructor', '%2e%2e', '1%00', '%C0%AE', '%00?q=%00'];
const POLLUTING = ['"__proto__":{"polluted":"yes"}', '"constructor":{"prototype":{"polluted":"yes"}}'];
/** In the place of every text that a login sends, as JSON. */
const TEXTS = ['"x\\u0000@a.example"', '"\\ud800@a.example"', '{"$ne":null}', '["x"]'];

export const stallHostileInput: Guarantee = {
  id: 'stall.hostile-input',
  lines: ['B8'],
  title: 'hostile keys, bytes and lengths are refused or ignored, and no header names the framework',
  from: 'stall',
  needs: ['probes.read', ['probes.logins', 'probes.write']],
  async check(world) {
    const { door, probes } = world;
    const path = probes.readPath.split('?')[0] ?? '/';
    const answers = await Promise.all([
      ...QUERIES.map(query => door.get(`${path}?${query}`)),
      ...SEGMENTS.map(segment => door.get(`${path}/${segment}`)),
      ...(await posted(world)),
    ]);
    for (const answer of answers) {
      expect(answer.status < 500, `${describe(answer)} to hostile input, not 4xx`);
      expectNoStack(answer);
    }
    const usual = await probes.expectRead();
    expect(!usual.text.includes('polluted'), 'a key of a request has got into the answer to another');
    const telling = [...answers, usual].find(({ headers }) => 'x-powered-by' in headers);
    expect(!telling, `${telling?.request} answers with x-powered-by: ${telling?.headers['x-powered-by']}`);
    return kept(`${answers.length} hostile requests: none answered 5xx, the next one is served`, {
      requests: answers.length,
    });
  },
};

/** Bodies that are JSON, and not what a program expects. */
async function posted({ door, probes }: World): Promise<Promise<HttpResponse>[]> {
  const { path, session } = await probes.postable();
  const hasLogin = Object.keys(probes.facts.probes.logins).length > 0;
  const { body = {} } = hasLogin ? { body: await probes.loginBody() } : await probes.newWrite();
  const text = JSON.stringify(body);
  const polluted = POLLUTING.map(member => text.replace(/^\{/, text === '{}' ? `{${member}` : `{${member},`));
  const strange = TEXTS.map(each => text.replaceAll(/:"(?:[^"\\]|\\.)*"/g, () => `:${each}`));
  const headers = { ...session.headers, 'content-type': 'application/json' };
  return [...polluted, ...strange].map(each => door.post(path, each, { headers }));
}
