import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/verify/http/client.ts';
import { Contract } from '../../../src/verify/http/contract.ts';
import { OpenApi } from '../../../src/verify/http/openapi.ts';
import { Broken, NotPromised } from '../../../src/verify/outcome.ts';

const DOCUMENT = {
  openapi: '3.1.0',
  paths: {
    '/things': {
      get: {
        security: [{ token: [] }],
        responses: { 200: { $ref: '#/components/responses/Things' }, default: { description: 'an error' } },
      },
    },
    '/things/{id}': {
      get: {
        responses: {
          200: {
            description: 'one',
            headers: { 'X-Total': { required: true, schema: { type: 'integer', minimum: 1 } } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
          404: { $ref: '#/components/responses/Problem' },
        },
      },
      delete: { responses: { 204: { description: 'gone' } } },
    },
    '/pages': { get: { responses: { 200: { description: 'x', content: { 'text/*': {} } } } } },
    '/old': { get: { responses: { '2XX': { description: 'nothing is said of what it answers' } } } },
    '/new': { post: { responses: { 201: { description: 'made', headers: { 'Set-Cookie': COOKIE() } } } } },
  },
  components: {
    responses: {
      Things: {
        content: {
          'application/json; charset=utf-8': {
            schema: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
            example: [{ id: 1, tag: null }],
          },
        },
      },
      Problem: {
        content: { 'application/problem+json': { schema: { type: 'object', required: ['status'] } } },
      },
    },
    schemas: {
      Thing: {
        type: 'object',
        required: ['id', 'tag', 'password'],
        additionalProperties: false,
        properties: {
          // Two examples with one id must not be taken for two schemas of one name.
          id: { type: 'integer', example: { id: 'x' } },
          tag: { type: ['string', 'null'], format: 'uuid', example: { id: 'x' } },
          password: { type: 'string', writeOnly: true },
        },
      },
    },
  },
};

function COOKIE() {
  return { required: true, schema: { type: 'string', pattern: '^session=' } };
}

function answer(status: number, body: unknown, headers: HttpResponse['headers'] = {}): HttpResponse {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return { request: 'GET /things/1', status, headers, text, ms: 1, json: <T>() => JSON.parse(text) as T };
}

function judge(contract: Contract, asked: string, response: HttpResponse): void {
  const [method = '', path = ''] = asked.split(' ');
  const operation = contract.api.operationOf(method, path);
  if (!operation) throw new Error(`the document has no ${asked}`);
  contract.judge(operation, response);
}

const contractOf = (document: object = DOCUMENT) => new Contract(new OpenApi({ ...document }));
const json = { 'content-type': 'application/json; charset=utf-8', 'x-total': '3' };
const problem = { 'content-type': 'application/problem+json' };

describe('Contract', () => {
  it('accepts what is documented, and counts it', () => {
    const contract = contractOf();
    judge(contract, 'GET /things/1', answer(200, { id: 1, tag: null }, json));
    judge(contract, 'GET /things/2', answer(404, { status: 404 }, problem));
    expect(contract.figures).toEqual({ responses: 2, operations: 1 });
  });

  it.each([
    ['a type in another writing', 'GET /things', answer(200, [{ id: 1, tag: null }], json)],
    ['a range of types, and no schema', 'GET /pages', answer(200, 'hello', { 'content-type': 'text/html' })],
    ['a range of statuses, and no content', 'GET /old', answer(206, { any: 1 }, json)],
    ['an error that only `default` describes', 'GET /things', answer(429, {}, json)],
    ['401 where a login is demanded', 'GET /things', answer(401, 'who?')],
    ['nothing, with a status that has no body', 'DELETE /things/1', answer(204, undefined)],
    ['one cookie of several', 'POST /new', answer(201, {}, { 'set-cookie': ['a=1', 'session=2'] })],
  ])('accepts %s', (_what, asked, response) => {
    judge(contractOf(), asked, response);
  });

  it.each([
    ['an undocumented status', 'GET /things/1', answer(409, {}, problem), /409, which openapi.yaml does not/],
    ['a failure for which there is but a `default`', 'GET /things', answer(500, {}, json), /answered 500/],
    ['401 where no login is spoken of', 'GET /pages', answer(401, ''), /answered 401/],
    [
      '404 of a path without `{…}`',
      'GET /pages',
      answer(404, ''),
      /describes GET \/pages, which answers 404/,
    ],
    ['another type', 'GET /things/1', answer(404, { status: 404 }, json), /not application\/problem\+json/],
    ['a missing field', 'GET /things/1', answer(200, { id: 1 }, json), /required property "tag"/],
    ['a wrong type', 'GET /things/1', answer(200, { id: '1', tag: null }, json), /body\/id .*"integer"/],
    ['a wrong format', 'GET /things/1', answer(200, { id: 1, tag: 'x' }, json), /format "uuid"/],
    [
      'an extra field',
      'GET /things/1',
      answer(200, { id: 1, tag: null, x: 1 }, json),
      /additional properties/,
    ],
    ['a missing header', 'GET /things/1', answer(200, {}, { ...problem }), /without the header X-Total/],
    ['a wrong header', 'GET /things/1', answer(200, {}, { ...json, 'x-total': '0' }), /X-Total: 0/],
  ])('refuses %s', (_what, asked, response, complaint) => {
    expect(() => judge(contractOf(), asked, response)).toThrow(complaint);
  });

  it('does not print a cookie', () => {
    const response = answer(201, {}, { 'set-cookie': ['secret=of-somebody'] });
    expect(() => judge(contractOf(), 'POST /new', response)).toThrow(/with Set-Cookie, which is not/);
  });

  it('reads the schemas of OpenAPI 3.0', () => {
    const schema = { type: 'integer', nullable: true, minimum: 0, exclusiveMinimum: true };
    const content = { 'application/json': { schema } };
    const contract = contractOf({
      openapi: '3.0.3',
      paths: { '/n': { get: { responses: { 200: { content } } } } },
    });
    for (const value of [null, 1]) judge(contract, 'GET /n', answer(200, value, json));
    expect(() => judge(contract, 'GET /n', answer(200, 0, json))).toThrow(/not as openapi.yaml says/);
    expect(() => judge(contract, 'GET /n', answer(200, '"x"', json))).toThrow(/not as openapi.yaml says/);
  });

  it('says nothing of a schema in another file, or with a pattern that only another language knows', () => {
    const ofSchema = (schema: object) =>
      contractOf({
        openapi: '3.1.0',
        paths: { '/x': { get: { responses: { 200: { content: { 'application/json': { schema } } } } } } },
      });
    judge(ofSchema({ $ref: 'others.yaml#/Thing' }), 'GET /x', answer(200, 1, json));
    judge(ofSchema({ type: 'string', pattern: '(?i)x' }), 'GET /x', answer(200, '"y"', json));
  });
});

describe('OpenApi.of', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'contract-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const read = (text: string) => {
    writeFileSync(join(directory, 'openapi.yaml'), text);
    return OpenApi.of(directory);
  };

  it('is not promised where there is no document, or one of another kind', async () => {
    await expect(OpenApi.of(join(directory, 'nowhere'))).rejects.toThrow(NotPromised);
    await expect(OpenApi.of(join(directory, 'nowhere'))).rejects.toThrow(/has no openapi.yaml/);
    await expect(read('swagger: "2.0"\npaths: {}\n')).rejects.toThrow(NotPromised);
    await expect(read('openapi: 4.0.0\n')).rejects.toThrow(/not OpenAPI 3.0 or 3.1/);
    await expect(read('- a list\n')).rejects.toThrow(NotPromised);
  });

  it('is broken where the document is no YAML', async () => {
    await expect(read('openapi: 3.1.0\npaths: [a\nb: 2\n')).rejects.toThrow(Broken);
    await expect(read('openapi: 3.1.0\npaths: [a\nb: 2\n')).rejects.toThrow(
      /not YAML: .*\(line 3, column 1\)/,
    );
  });

  it.each([
    ['a schema', `{ schema: { $ref: '#/components/schemas/Gone' } }`],
    ['what is only the default', `{ responses: { default: { $ref: '#/components/schemas/Gone' } } }`],
  ])('is broken where a reference leads nowhere: %s', async (_what, get) => {
    const text = `openapi: 3.0.0\npaths: { /x: { get: ${get} } }\n`;
    await expect(read(text)).rejects.toThrow(
      /refers to #\/components\/schemas\/Gone, which it does not have \(at \/paths\/~1x\/get/,
    );
  });

  it('follows references to path items, with encoded names and merged keys; an example may look like one', async () => {
    const api = await read(`
openapi: 3.1.0
paths:
  /a: { $ref: '#/components/pathItems/A' }
  /b/{id}: { get: &get { responses: { '200': { $ref: '#/paths/~1c~1%7Bid%7D/get/responses/200' } } } }
  /c/{id}: { get: { <<: *get, responses: { '200': { description: yes } } } }
components:
  pathItems: { A: { get: { responses: {} } } }
  schemas: { X: { example: { $ref: '#/nowhere' }, properties: { example: { type: string } } } }
`);
    expect(api.operations.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /a',
      'GET /b/{id}',
      'GET /c/{id}',
    ]);
    expect(api.object('/paths/~1b~1{id}/get/responses/200')).toEqual({ description: 'yes' });
  });
});
