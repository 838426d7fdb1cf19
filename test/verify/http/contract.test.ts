import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/verify/http/client.ts';
import { Contract } from '../../../src/verify/http/contract.ts';

const DOCUMENT = {
  openapi: '3.1.0',
  paths: {
    '/products/{id}': {
      get: {
        responses: {
          200: {
            description: 'one',
            headers: { 'X-Total': { required: true, schema: { type: 'string', pattern: '^[0-9]+$' } } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Product' } } },
          },
          404: { $ref: '#/components/responses/Problem' },
        },
      },
      delete: { responses: { 204: { description: 'gone' } } },
    },
  },
  components: {
    responses: {
      Problem: {
        content: { 'application/problem+json': { schema: { type: 'object', required: ['status'] } } },
      },
    },
    schemas: {
      Product: {
        type: 'object',
        required: ['id', 'tag'],
        additionalProperties: false,
        properties: { id: { type: 'integer' }, tag: { type: ['string', 'null'], format: 'uuid' } },
      },
    },
  },
};

function answer(status: number, body: unknown, headers: HttpResponse['headers'] = {}): HttpResponse {
  const text = body === undefined ? '' : JSON.stringify(body);
  return { request: 'GET /products/1', status, headers, text, ms: 1, json: <T>() => JSON.parse(text) as T };
}

const json = { 'content-type': 'application/json; charset=utf-8', 'x-total': '3' };
const problem = { 'content-type': 'application/problem+json' };

describe('Contract', () => {
  it('accepts what is documented, and counts it', () => {
    const contract = new Contract(DOCUMENT);
    contract.judge('GET', '/products/1?x=1', answer(200, { id: 1, tag: null }, json));
    contract.judge('GET', '/products/2', answer(404, { status: 404 }, problem));
    expect(contract.figures).toEqual({ responses: 2, operations: 1 });
    expect(contract.unseen()).toEqual(['DELETE /products/{id}']);
  });

  it.each([
    ['an undocumented path', '/nothing', answer(200, {}, json), /does not describe GET \/nothing/],
    ['an undocumented status', '/products/1', answer(500, {}, problem), /500, which openapi.yaml does not/],
    [
      'another content type',
      '/products/1',
      answer(404, { status: 404 }, json),
      /not application\/problem\+json/,
    ],
    ['a missing field', '/products/1', answer(200, { id: 1 }, json), /does not have required property "tag"/],
    [
      'a wrong type',
      '/products/1',
      answer(200, { id: '1', tag: null }, json),
      /body\/id .*Expected "integer"/,
    ],
    ['a wrong format', '/products/1', answer(200, { id: 1, tag: 'x' }, json), /format "uuid"/],
    ['an extra field', '/products/1', answer(200, { id: 1, tag: null, x: 1 }, json), /additional properties/],
    [
      'a missing header',
      '/products/1',
      answer(200, { id: 1, tag: null }, { 'content-type': 'application/json' }),
      /without the header X-Total/,
    ],
    ['a wrong header', '/products/1', answer(200, {}, { ...json, 'x-total': 'many' }), /X-Total: many/],
  ])('refuses %s', (_what, path, response, complaint) => {
    expect(() => new Contract(DOCUMENT).judge('GET', path, response)).toThrow(complaint);
  });

  it('refuses a body where none is documented', () => {
    const contract = new Contract(DOCUMENT);
    contract.judge('DELETE', '/products/1', answer(204, undefined));
    expect(() => contract.judge('DELETE', '/products/1', answer(204, {}))).toThrow(/documents none/);
  });
});
