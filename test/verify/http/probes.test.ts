import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoginProbe, StageFile, WriteProbe } from '../../../src/stage-file/stage-file.ts';
import { HttpClient } from '../../../src/verify/http/client.ts';
import { Placeholders } from '../../../src/verify/http/placeholders.ts';
import { holds, Probes } from '../../../src/verify/http/probes.ts';
import { randomFrom } from '../../../src/verify/random.ts';

type Answer = { status?: number; headers?: http.OutgoingHttpHeaders; body?: unknown };

let server: http.Server;
let client: HttpClient;
let answers: (request: string, headers: http.IncomingHttpHeaders, body: string) => Answer;
const asked: string[] = [];

beforeEach(async () => {
  asked.length = 0;
  answers = () => ({});
  server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const name = `${request.method} ${request.url}`;
    asked.push(name);
    const { status = 200, headers = {}, body: answer } = answers(name, request.headers, body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(answer === undefined ? '' : JSON.stringify(answer));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = HttpClient.direct({ host: '127.0.0.1', port }, '/api');
});

afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

function probes(write: Partial<WriteProbe>, login?: Partial<LoginProbe>): Probes {
  const facts: StageFile = {
    programs: {},
    probes: {
      read: { get: '/things', status: [200] },
      write: { method: 'POST', path: '/things', status: [201, 202], ...write },
      logins: login ? { me: { path: '/tokens', status: [201], ...login } } : {},
    },
    notPromised: [],
  };
  return new Probes(facts, client, new Placeholders(randomFrom(1), async () => 'secret text', 0));
}

describe('logging in', () => {
  it('keeps the cookie that the file names', async () => {
    answers = () => ({ status: 201, headers: { 'set-cookie': ['a=1', 'sid=xyz; HttpOnly'] } });
    const session = await probes({}, { cookie: 'sid' }).login('me');
    expect(session.headers).toEqual({ cookie: 'sid=xyz' });
  });

  it('keeps the token that the file says where to find', async () => {
    answers = (_request, _headers, body) => ({
      status: 201,
      body: { data: { token: JSON.parse(body).pass } },
    });
    const login = { bearer: 'body.data.token', body: { pass: { secret: 'demo' } } };
    expect((await probes({}, login).login()).headers).toEqual({ authorization: 'Bearer secret text' });
  });

  it.each([
    ['another status', { status: 403 }, /POST \/tokens answered 403, not 201/],
    ['no cookie', { status: 201 }, /without a cookie called sid/],
  ])('is refused with %s', async (_what, answer, complaint) => {
    answers = () => answer;
    await expect(probes({}, { cookie: 'sid' }).login()).rejects.toThrow(complaint);
  });

  it('never repeats what a login answered: it may be a secret', async () => {
    answers = () => ({ status: 201, body: { tokens: 'top-secret' } });
    const failed = await probes({}, { bearer: 'body.token' })
      .login()
      .catch((error: Error) => error.message);
    expect(failed).toMatch(/without a token at body\.token/);
    expect(failed).not.toContain('top-secret');
  });
});

describe('writing and reading back', () => {
  it.each([
    [
      'a Location that the program gives',
      { location: '/api/things/7' },
      { id: 7 },
      '{location}',
      '/api/things/7',
    ],
    [
      'a Location without the prefix',
      { location: '/things/a%20b' },
      undefined,
      '{location}',
      '/api/things/a%20b',
    ],
    [
      'a Location with a host, which is not asked',
      { location: 'https://evil.example/api/t/9' },
      undefined,
      '{location}',
      '/api/t/9',
    ],
    ['a field of the answer', {}, { id: 'x/1', nr: 5 }, '/things/{body.id}', '/api/things/x%2F1'],
    ['a list', {}, { id: 4 }, '/things?mine=1', '/api/things?mine=1'],
  ])('follows %s', async (_what, headers, body, readBack, path) => {
    answers = request =>
      request.startsWith('POST') ? { status: 201, headers, body } : { body: [{ id: 4 }] };
    const asks = probes({ readBack });
    const written = await asks.expectWritten({ headers: {} });
    await asks.readBack(written);
    expect(asked.at(-1)).toBe(`GET ${path}`);
  });

  it('finds the thing anywhere in what it reads, and its state', async () => {
    const list = {
      items: [
        { id: 3, state: 'done' },
        { id: 4, state: 'queued' },
      ],
      total: 2,
    };
    answers = request => (request.startsWith('POST') ? { status: 202, body: { id: 4 } } : { body: list });
    const asks = probes({ readBack: '/things', settles: { field: 'state', to: ['done'] } });
    const written = await asks.expectWritten({ headers: {} });
    expect(await asks.stateOf(written)).toBe('queued');
    answers = () => ({ body: { items: [] } });
    await expect(asks.expectThere(written)).rejects.toThrow('not what was written under the id 4');
  });

  it('says what is missing in the answer', async () => {
    answers = () => ({ status: 201, body: {} });
    await expect(probes({}).expectWritten({ headers: {} })).rejects.toThrow(/neither an id nor a Location/);
    answers = () => ({ status: 201, body: { id: 1 } });
    await expect(probes({ readBack: '{location}' }).expectWritten({ headers: {} })).rejects.toThrow(
      /no Location to read back from/,
    );
  });

  it('sends the same request again with the same key', async () => {
    const seen: string[] = [];
    answers = (_request, headers, body) => {
      seen.push(`${headers['x-once']} ${body}`);
      return { status: 201, body: { id: 1 } };
    };
    const asks = probes({ key: 'X-Once', body: { n: '{n}' } });
    const request = await asks.newWrite();
    await asks.write({ headers: {} }, { request, key: 'k' });
    await asks.write({ headers: {} }, { request, key: 'k' });
    expect(seen).toEqual(['k {"n":1000001}', 'k {"n":1000001}']);
  });
});

describe('holds', () => {
  it('looks for an id, not for a part of one', () => {
    const response = (body: unknown) => ({
      request: 'GET /',
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify(body),
      ms: 1,
      json: <T>() => body as T,
    });
    expect(holds(response({ things: [{ id: 'abc' }] }), 'abc')).toBe(true);
    expect(holds(response({ things: [{ id: 'abcd' }] }), 'abc')).toBe(false);
    expect(holds(response({ id: 12 }), '12')).toBe(true);
  });
});
