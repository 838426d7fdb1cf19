import { expect, expectNoStack, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe, type HttpClient, type HttpResponse } from '../../http/client.ts';

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
const PATHS = [
  '/search?q=%00',
  '/products/__proto__',
  '/products/constructor',
  '/products/%2e%2e',
  '/products/1%00',
  '/products/%C0%AE',
];
const MEMBERS = [
  '"__proto__":{"polluted":"yes"}',
  '"constructor":{"prototype":{"polluted":"yes"}}',
  '"email":"x\\u0000@shop.example","password":"\\u0000"',
  '"email":"\\ud800@shop.example","password":"x"',
  '"email":{"$ne":null},"password":["x"]',
];

export const stallHostileInput: Guarantee = {
  id: 'stall.hostile-input',
  lines: ['B8'],
  title: 'hostile keys, bytes and lengths are refused or ignored, and no header names the framework',
  from: 'stall',
  async check({ shop }) {
    const answers = await Promise.all([
      ...QUERIES.map(query => shop.get(`/products?${query}`)),
      ...PATHS.map(path => shop.get(path)),
      ...MEMBERS.map(member => login(shop, member)),
    ]);
    for (const answer of answers) {
      expect(answer.status < 500, `${describe(answer)} to hostile input, not 4xx`);
      expectNoStack(answer);
    }
    const usual = await shop.get('/products?limit=1');
    expectStatus(usual, 200);
    expect(!usual.text.includes('polluted'), 'a key of a request has got into the answer to another');
    const telling = [...answers, usual].find(({ headers }) => 'x-powered-by' in headers);
    expect(!telling, `${telling?.request} answers with x-powered-by: ${telling?.headers['x-powered-by']}`);
    return kept(`${answers.length} hostile requests: none answered 5xx, the next one is served`, {
      requests: answers.length,
    });
  },
};

function login(shop: HttpClient, member: string): Promise<HttpResponse> {
  const body = member.includes('"email"')
    ? `{${member}}`
    : `{"email":"x@shop.example","password":"x",${member}}`;
  return shop.post('/sessions', body, { headers: { 'content-type': 'application/json' } });
}
