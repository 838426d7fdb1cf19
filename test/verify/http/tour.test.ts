import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { buildBlueprint } from '../../../src/blueprint/build.ts';
import type { Running } from '../../../src/engines/engine.ts';
import { resolveAnswers } from '../../../src/journey/answers.ts';
import type { ProbeFacts } from '../../../src/stage-file/stage-file.ts';
import { stallContract } from '../../../src/verify/checks/stall/contract.ts';
import type { World } from '../../../src/verify/guarantee.ts';
import { HttpClient } from '../../../src/verify/http/client.ts';
import { Placeholders } from '../../../src/verify/http/placeholders.ts';
import { Probes } from '../../../src/verify/http/probes.ts';
import type { Outcome } from '../../../src/verify/outcome.ts';
import { randomFrom } from '../../../src/verify/random.ts';

interface Asked {
  /** Method and path, with the query. */
  readonly line: string;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

type Answer = readonly [status: number, body?: unknown, headers?: Readonly<Record<string, string>>];
/** By `METHOD /path` without query; a path ends in `*` for whatever follows. */
type Routes = Readonly<Record<string, Answer | ((asked: Asked) => Answer)>>;

class Program {
  readonly asked: Asked[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'tour-'));
  readonly #server: http.Server;

  constructor(routes: Routes) {
    this.#server = http.createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const line = `${request.method} ${request.url}`;
      const asked = { line, body: Buffer.concat(chunks).toString(), headers: request.headers };
      this.asked.push(asked);
      const [pathname = ''] = line.split('?');
      const key = Object.keys(routes).find(each =>
        each.endsWith('*') ? pathname.startsWith(each.slice(0, -1)) : each === pathname,
      );
      const route = routes[key ?? ''] ?? [404, { no: 'such route' }];
      const [status, body, headers] = typeof route === 'function' ? route(asked) : route;
      response.writeHead(status, {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** What was asked, each once, in the order of its first time. */
  get lines(): string[] {
    return [...new Set(this.asked.map(({ line }) => line))];
  }

  async check(
    document: object | undefined,
    probes: Partial<ProbeFacts> = {},
    basePath = '',
  ): Promise<Outcome> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    if (document) writeFileSync(join(this.#directory, 'openapi.yaml'), JSON.stringify(document));
    const { port } = this.#server.address() as AddressInfo;
    const frontDoor = { scheme: 'http' as const, host: '127.0.0.1', port };
    const blueprint = buildBlueprint(resolveAnswers({ stage: 'stall' }, 'any'));
    const door = HttpClient.direct(frontDoor, basePath);
    const random = randomFrom(1);
    const world: World = {
      running: { frontDoor, blueprint, address: () => frontDoor } as unknown as Running,
      blueprint,
      directory: this.#directory,
      door,
      probes: new Probes(
        {
          programs: { app: { start: '', port, ready: '/up' } },
          probes: { logins: {}, ...probes },
          notPromised: [],
        },
        door,
        new Placeholders(random, async () => 'open sesame', Date.now()),
      ),
      random,
      bootMs: 0,
      onProgress: () => {},
      signal: new AbortController().signal,
    };
    try {
      return await stallContract.check(world);
    } finally {
      door.close();
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

let program: Program;
afterEach(() => program.close());

const programOf = (routes: Routes) => {
  program = new Program(routes);
  return program;
};
const content = (schema: object, more: object = {}) => ({
  content: { 'application/json': { schema, ...more } },
});
const api = (paths: object, more: object = {}) => ({ openapi: '3.1.0', paths, ...more });
const ok = { responses: { 200: { description: 'fine' } } };
const of = (...statuses: number[]) => ({
  responses: Object.fromEntries(statuses.map(status => [status, { description: '' }])),
});
const thing = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
const query = (name: string, more: object) => ({ name, in: 'query', schema: { type: 'string' }, ...more });

describe('the contract of a document', () => {
  it('is not promised without one, nor by one of which nothing can be asked', async () => {
    expect.assertions(2);
    await programOf({})
      .check(undefined)
      .catch(error => expect(error).toMatchObject({ name: 'NotPromised' }));
    await program.close();
    await programOf({})
      .check(api({ '/things': { post: of(201) } }))
      .catch(error =>
        expect(error.message).toBe(
          'openapi.yaml has nothing to ask by; not asked: POST /things (no example says that it may be sent)',
        ),
      );
  });

  it('asks a list, its things, and what lies in them, by the ids that answers gave', async () => {
    const outcome = await programOf({
      'GET /rooms': [200, { data: { rows: [{ id: 7, name: 'blue' }] } }],
      'GET /rooms/7': [200, { id: 7 }],
      'GET /rooms/7/seats': [200, [{ seat_no: 'a b' }]],
      'GET /rooms/7/seats/a%20b': [200, {}],
      'GET /tags': [200, ['new']],
      'GET /tags/new': [200, {}],
    }).check(
      api({
        '/rooms/{roomId}/seats/{seatNo}': { get: ok },
        '/rooms/{roomId}/seats': { get: ok },
        '/rooms/{roomId}': { get: ok },
        '/rooms': { get: ok },
        '/tags': { get: ok },
        '/tags/{tag}': { get: ok },
        '/ghosts/{id}': { get: ok },
      }),
    );
    expect(outcome).toMatchObject({ status: 'kept', figures: { operations: 6, notAsked: 1 } });
    expect(outcome.detail).toContain('not asked: GET /ghosts/{id} (no answer named what its path needs)');
    expect(program.lines).toContain('GET /rooms/7/seats/a%20b');
    expect(program.lines.some(line => line.includes('ghosts'))).toBe(false);
  });

  it('sends parameters only as the document gives them', async () => {
    await programOf({ 'GET /find': [200, []], 'GET /kinds/*': [200, {}] }).check(
      api(
        {
          '/find': {
            parameters: [query('q', { required: true, example: 'a&b' })],
            get: {
              ...ok,
              parameters: [
                query('tags', { schema: { type: 'array', items: { enum: ['x', 'y'] } } }),
                { $ref: '#/components/parameters/Limit' },
                query('unknown', {}),
              ],
            },
          },
          '/kinds/{kind}': {
            get: { ...ok, parameters: [{ name: 'kind', in: 'path', schema: { enum: ['big', 'small'] } }] },
          },
          '/needs': { get: { ...ok, parameters: [query('from', { required: true })] } },
        },
        { components: { parameters: { Limit: query('limit', { examples: { few: { value: 5 } } }) } } },
      ),
    );
    expect(program.lines).toEqual([
      'GET /find?q=a%26b',
      'GET /find?q=a%26b&tags=x&limit=5',
      'GET /kinds/big',
    ]);
  });

  it('sends bodies that are given, one after the other, or put together from what their parts give', async () => {
    const document = api({
      '/a': {
        post: {
          ...of(201),
          requestBody: content(thing, { examples: { one: { value: { id: 1 } }, two: { value: { id: 2 } } } }),
        },
      },
      '/b': {
        post: {
          ...of(201),
          requestBody: content({
            allOf: [{ type: 'object', properties: { kind: { const: 'b' } } }],
            required: ['name', 'sort'],
            properties: {
              id: { readOnly: true, example: 9 },
              name: { type: 'string', example: 'x' },
              sort: { enum: ['up', 'down'] },
              extra: { enum: ['not', 'needed'] },
              lines: { type: 'array', items: { properties: { n: { examples: [3] } } } },
            },
          }),
        },
      },
      '/c': { post: { ...of(201), requestBody: content({ required: ['name'], properties: { name: {} } }) } },
      '/d': { post: { ...of(201), requestBody: { content: { 'image/png': {} } } } },
      '/form': {
        post: {
          ...of(201),
          requestBody: { content: { 'application/x-www-form-urlencoded': { example: { a: 'b c' } } } },
        },
      },
    });
    const outcome = await programOf({ 'POST /a': [201], 'POST /b': [201], 'POST /form': [201] }).check(
      document,
    );
    expect(program.asked.map(({ line, body }) => `${line} ${body}`)).toEqual([
      'POST /a {"id":1}',
      'POST /a {"id":2}',
      'POST /b {"kind":"b","name":"x","sort":"up","lines":[{"n":3}]}',
      'POST /form a=b+c',
    ]);
    expect(program.asked.at(-1)?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(outcome.detail).toContain(
      'not asked: POST /c (no example of its body), POST /d (its body is image/png)',
    );
  });

  it('changes and takes away only what it made', async () => {
    const made = new Set<string>();
    const body = content(thing, { example: { id: 5 } });
    await programOf({
      'GET /things': [200, [{ id: 1 }]],
      'POST /things': () => {
        made.add('/things/9');
        return [201, undefined, { location: '/things/9' }];
      },
      'GET /things/*': [200, {}],
      'PUT /things/*': [200, {}],
      'DELETE /things/*': [204],
      'GET /parts': [200, [{ id: 5 }]],
      // Answers with what was there before.
      'POST /parts': [201, { id: 5 }],
    }).check(
      api({
        '/things': { get: ok, post: { ...of(201), requestBody: body }, delete: of(204) },
        '/things/{id}': { get: ok, put: { ...ok, requestBody: body }, delete: of(204) },
        '/parts': { get: ok, post: { ...of(201), requestBody: body } },
        '/parts/{id}': { put: { ...ok, requestBody: body }, delete: of(204) },
        '/settings': { put: { ...ok, requestBody: body } },
      }),
    );
    expect(made.size).toBe(1);
    expect(program.lines).toEqual([
      'GET /things',
      'GET /parts',
      'POST /things',
      'POST /parts',
      'GET /things/9',
      'PUT /things/9',
      'DELETE /things/9',
    ]);
  });

  it('asks as nobody and as somebody, and ends a session of its own at last', async () => {
    let sessions = 0;
    const seen = ({ headers }: Asked): Answer =>
      headers.authorization ? [200, { items: [] }] : [401, { title: 'who?' }];
    const outcome = await programOf({
      'POST /v1/tokens': () => [200, { token: `t${++sessions}` }],
      'DELETE /v1/tokens': [204],
      'POST /v1/logout': [204],
      'GET /v1/mine': seen,
      'GET /v1/open': [200, {}],
      'GET /up': [200, {}],
      'PUT /v1/notes/*': ({ headers }) => (headers.authorization ? [201, { note: { id: 'n1' } }] : [401]),
      'GET /v1/notes/*': seen,
      'DELETE /v1/notes/*': seen,
    }).check(
      api(
        {
          '/tokens': { post: of(200), delete: of(204) },
          '/logout': { post: of(204) },
          '/mine': { get: { ...of(200, 401) } },
          '/open': { get: { ...ok, security: [] } },
          '/up': { get: ok },
          '/notes/{id}': { put: of(201), get: ok, delete: ok },
        },
        {
          servers: [{ url: 'https://any.example/{version}', variables: { version: { default: 'v1' } } }],
          security: [{ bearer: [] }],
        },
      ),
      {
        logins: {
          me: { path: '/v1/tokens', body: { key: { secret: 'key' } }, status: [200], bearer: 'body.token' },
        },
        write: {
          method: 'PUT',
          path: '/v1/notes/{uuid}',
          as: 'me',
          status: [201],
          readBack: '/v1/notes/{body.note.id}',
        },
      },
    );
    expect(outcome).toMatchObject({
      status: 'kept',
      figures: { operations: 9, notAsked: 0, refused: 0, undocumented: 0 },
    });
    const ends = program.asked.filter(({ line }) => /DELETE .*tokens|logout/.test(line));
    expect(ends.map(({ headers }) => headers.authorization)).not.toContain('Bearer t2');
    expect(program.asked.at(-1)?.line).toMatch(/logout|tokens/);
  });

  it('tells what only refused, and which probes the document does not describe', async () => {
    const outcome = await programOf({
      'GET /things': [200, []],
      'POST /things': [422, {}],
      'GET /mine': [401],
    }).check(
      api({
        '/mine': { get: { ...ok, security: [{ key: [] }] } },
        '/things': { post: { ...of(201, 422), requestBody: content({}, { example: 1 }) } },
      }),
      { read: { get: '/things?limit=1', status: [200] } },
    );
    expect(outcome.status).toBe('kept');
    expect(outcome.detail).toContain('only refused: GET /mine (401), POST /things (422)');
    expect(outcome.detail).toContain('not in openapi.yaml: GET /things');
    expect(outcome.figures).toMatchObject({ refused: 2, undocumented: 1 });
  });

  it('leaves a wrong probe to those who try probes', async () => {
    const outcome = await programOf({
      'POST /in': [400, {}],
      'POST /things': [422, {}],
      'GET /x': [200],
    }).check(
      api({
        '/in': { post: of(201) },
        '/things': { post: of(201) },
        '/things/{id}': { get: ok },
        '/x': { get: ok },
      }),
      {
        read: { get: '/things/none', status: [200] },
        logins: { me: { path: '/in', status: [201], bearer: 'body.token' } },
        write: { method: 'POST', path: '/things', status: [201] },
      },
    );
    expect(outcome).toMatchObject({ status: 'kept', figures: { operations: 1 } });
  });

  it('does not ask once more for what nobody in particular was let do', async () => {
    await programOf({
      'POST /in': [200, { token: 't' }],
      'POST /things': [201],
      'GET /things': [200, []],
    }).check(
      api(
        { '/things': { get: ok, post: { ...of(201), requestBody: content({}, { example: 1 }) } } },
        { security: [{ key: [] }] },
      ),
      { logins: { me: { path: '/in', status: [200], bearer: 'body.token' } } },
    );
    expect(program.asked.filter(({ line }) => line === 'POST /things').length).toBe(1);
  });

  it('takes no prefix from `servers` with which no probe is described', async () => {
    const document = api({ '/things': { get: ok } }, { servers: [{ url: 'https://any.example/public' }] });
    await programOf({ 'GET /things': [200, []] }).check(document, {
      read: { get: '/things', status: [200] },
    });
    expect(program.lines).toEqual(['GET /things']);
  });

  it.each([
    ['answers 404 to what it describes', [404, {}], {}, /describes GET \/x, which answers 404/],
    ['answers as it does not say', [202, {}], {}, /answered 202, which openapi.yaml does not document/],
    ['fails', [500, {}], { default: { description: 'error' } }, /answered 500/],
    ['answers something else', [200, { id: 'x' }], { 200: content(thing) }, /body\/id/],
  ] as const)('is broken where the program %s', async (_what, answer, responses, complaint) => {
    const document = api({ '/x': { get: { responses: { 200: { description: '' }, ...responses } } } });
    await expect(programOf({ 'GET /x': answer }).check(document)).rejects.toThrow(complaint);
  });

  it('is broken where an example is not what its schema says', async () => {
    const requestBody = content(thing, { example: { id: 'one' } });
    const checked = programOf({}).check(api({ '/x': { post: { ...of(201), requestBody } } }));
    await expect(checked).rejects.toThrow(
      /example of what to send to POST \/x is not what it says: body\/id/,
    );
    expect(program.asked).toEqual([]);
  });

  it.each(['HttpOnly', 'SameSite'])('is broken where a session has a cookie without %s', async attribute => {
    const cookie = ['s=HttpOnly', 'HttpOnly', 'SameSite=Strict'].filter(each => !each.startsWith(attribute));
    const checked = programOf({ 'POST /in': [201, {}, { 'set-cookie': cookie.join('; ') }] }).check(
      undefined,
      {
        logins: { me: { path: '/in', status: [201], cookie: 's' } },
      },
    );
    await expect(checked).rejects.toThrow(`sets the cookie s without ${attribute}`);
  });

  it('leaves alone what has no end, or lies elsewhere', async () => {
    const events = { content: { 'text/event-stream': {} } };
    const stream = { responses: { 200: { $ref: '#/components/responses/Events' } } };
    const outcome = await programOf({ 'GET /x': [200] }).check(
      api(
        {
          '/events': { get: stream },
          '/far': { servers: [{ url: 'https://far.example' }], get: ok },
          '/x': { get: ok },
        },
        { components: { responses: { Events: events } } },
      ),
    );
    expect(program.lines).toEqual(['GET /x']);
    expect(outcome.detail).toContain(
      'GET /far (it has a server of its own), GET /events (its answer has no end)',
    );
  });

  it('asks behind the prefix of the front door, and takes it off what answers name', async () => {
    await programOf({
      'GET /api/things': [200, []],
      'POST /api/things': [201, undefined, { location: '/api/things/4' }],
      'GET /api/things/4': [200, {}],
      // A program's health is at its root.
      'GET /up': [200, {}],
    }).check(
      api(
        {
          '/things': { get: ok, post: { ...of(201), requestBody: content({}, { example: {} }) } },
          '/things/{id}': { get: ok },
          '/up': { get: ok },
        },
        { servers: [{ url: '/api' }] },
      ),
      { read: { get: '/things', status: [200] } },
      '/api',
    );
    expect(program.lines).toEqual(['GET /api/things', 'GET /up', 'POST /api/things', 'GET /api/things/4']);
  });
});
