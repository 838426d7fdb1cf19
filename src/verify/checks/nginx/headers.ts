import { isIP } from 'node:net';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpResponse } from '../../http/client.ts';
import { findPage, ROOT } from '../../http/page.ts';
import { plainClient } from './redirect.ts';

/** The same value on every response that has a body a browser may look at. */
const EVERYWHERE = ['x-content-type-options', 'referrer-policy'];
/** Not needed everywhere, but where nginx has it on its own answers, all over TLS must. */
const CONSISTENT = [
  'strict-transport-security',
  'permissions-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'x-frame-options',
];
const HALF_A_YEAR_S = 15_768_000;
/** Over nginx's limit for a body, so that nginx itself refuses it. */
const OVER_ANY_LIMIT = 3 * 1024 * 1024;

interface KindOfAnswer {
  readonly kind: string;
  readonly response: HttpResponse;
  /** A program's answer, which may say the same once more. */
  readonly isProgram?: true;
}

export const nginxHeaders: Guarantee = {
  id: 'nginx.headers',
  lines: ['F3', 'F4'],
  title: 'security headers on every kind of response',
  from: 'nginx',
  needs: ['probes.read'],
  async check(world) {
    const kinds = await everyKind(world);
    const redirect = await redirected(world);
    for (const header of EVERYWHERE) expectSame(header, [...kinds, redirect], true);
    for (const header of CONSISTENT) expectSame(header, kinds, false);
    expectStrictTransport(world, kinds, redirect);
    const [first] = kinds;
    const policy = String(first?.response.headers['content-security-policy'] ?? '');
    expect(
      policy.includes('frame-ancestors'),
      `the ${first?.kind} has no Content-Security-Policy with frame-ancestors`,
    );
    for (const { kind, response } of [...kinds, redirect]) {
      const server = String(response.headers.server ?? '');
      expect(!/\d/.test(server), `the ${kind} tells the server's version: ${server}`);
      expect(response.headers['x-powered-by'] === undefined, `the ${kind} says X-Powered-By`);
    }
    return kept(`the same on ${[...kinds, redirect].map(each => each.kind).join(', ')}`, {
      kinds: kinds.length + 1,
    });
  },
};

/**
 * @throws Broken unless browsers are told to stay with HTTPS for a real name, and only there: on localhost that would lock every other
 * local server out, and over plain HTTP anyone could have said it
 */
function expectStrictTransport(
  { blueprint }: World,
  kinds: readonly KindOfAnswer[],
  redirect: KindOfAnswer,
): void {
  const { domain } = blueprint.frontDoor;
  const said = kinds[0]?.response.headers['strict-transport-security'];
  const isReal = domain !== 'localhost' && isIP(domain) === 0;
  expect(
    isReal ? Number(/max-age=(\d+)/.exec(said ?? '')?.[1]) >= HALF_A_YEAR_S : said === undefined,
    `Strict-Transport-Security for ${domain} is ${said}`,
  );
  const plain = redirect.response.headers['strict-transport-security'];
  expect(plain === undefined, `Strict-Transport-Security is said over plain HTTP: ${plain}`);
}

/** @throws Broken unless nginx's own answer carries what the page carries */
export function expectHeadersOf(page: HttpResponse, kind: string, response: HttpResponse): void {
  const kinds = [
    { kind: 'page', response: page },
    { kind, response },
  ];
  for (const header of [...EVERYWHERE, ...CONSISTENT]) expectSame(header, kinds, false);
}

/** The first is one of nginx's own. */
async function everyKind(world: World): Promise<KindOfAnswer[]> {
  const { door, probes } = world;
  const page = await findPage(world);
  const [image] = page?.images ?? [];
  return [
    ...(page ? [{ kind: 'page', response: page.response }] : []),
    { kind: 'missing file', response: await door.get('/no-such-file', ROOT) },
    ...(image === undefined ? [] : [{ kind: 'image', response: await door.get(image, ROOT) }]),
    { kind: 'API answer', response: await probes.read(), isProgram: true },
    { kind: 'API 404', response: await door.get('/no-such-route'), isProgram: true },
    {
      kind: '413',
      response: await door.request('POST', '/no-such-route', {
        headers: { 'content-type': 'application/json', 'content-length': String(OVER_ANY_LIMIT) },
        body: '{}',
      }),
    },
  ];
}

async function redirected(world: World): Promise<KindOfAnswer> {
  const plain = plainClient(world);
  try {
    return { kind: 'redirect', response: await plain.get('/') };
  } finally {
    plain.close();
  }
}

/** @throws Broken unless all of them say what nginx says on its own answers, if it says anything */
function expectSame(header: string, kinds: readonly KindOfAnswer[], required: boolean): void {
  const values = kinds.map(each => ({ ...each, value: each.response.headers[header]?.toString() }));
  const present = values.find(each => !each.isProgram && each.value !== undefined)?.value;
  if (present === undefined && !required) return;
  for (const { kind, value, isProgram } of values) {
    expect(
      value !== undefined,
      `the ${kind} lacks ${header}${present === undefined ? '' : `, which others have`}`,
    );
    expect(
      value === present || (isProgram && present !== undefined && value.includes(present)),
      `${header} on the ${kind} is ${JSON.stringify(value)}, elsewhere ${JSON.stringify(present)}`,
    );
  }
}
