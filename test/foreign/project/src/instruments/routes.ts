import type { FastifyInstance } from 'fastify';
import { Problem } from '#kit/problem';
import { listOf, object, type PageQuery, pageQuery, readPage, string, stringOrNull } from '#kit/schema';
import type { InstrumentStore } from './store.ts';

const KINDS = ['mass', 'length', 'temperature', 'pressure'] as const;
const uuid = { ...string, format: 'uuid' } as const;
const instrument = object({ id: string, name: string, kind: string, unit: string });
const page = object({ items: listOf(instrument), next: stringOrNull });
const search = { type: 'object', properties: { ...pageQuery, after: uuid, kind: { enum: KINDS } } };

export function instrumentRoutes(http: FastifyInstance, { store }: { store: InstrumentStore }): void {
  http.get<{ Querystring: PageQuery & { kind?: string } }>(
    '/instruments',
    { schema: { querystring: search, response: { 200: page } } },
    ({ query: { kind, after, ...query } }) =>
      readPage(query, limit => store.list({ limit, ...(kind && { kind }), ...(after && { after }) })),
  );

  http.get<{ Params: { id: string } }>(
    '/instruments/:id',
    { schema: { params: object({ id: uuid }), response: { 200: instrument } } },
    async ({ params }) => {
      const found = await store.find(params.id);
      if (!found) throw new Problem(404, 'The lab has no such instrument.');
      return found;
    },
  );
}
