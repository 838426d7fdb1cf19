import type { FastifyInstance } from 'fastify';
import { Problem } from '#kit/problem';
import {
  integer,
  integerOrNull,
  listOf,
  object,
  type PageQuery,
  pageQuery,
  readPage,
  string,
} from '#kit/schema';
import type { ProductStore } from './store.ts';

const product = object({
  id: integer,
  name: string,
  description: string,
  priceCents: integer,
  currency: string,
  available: integer,
});
const page = object({ items: listOf(product), next: integerOrNull });
const search = {
  type: 'object',
  properties: {
    ...pageQuery,
    after: { type: 'string', pattern: '^[0-9]{1,9}$' },
    q: { ...string, maxLength: 100 },
  },
};

export function productRoutes(http: FastifyInstance, { store }: { store: ProductStore }): void {
  http.get<{ Querystring: PageQuery & { q?: string } }>(
    '/products',
    { schema: { querystring: search, response: { 200: page } } },
    ({ query }) =>
      readPage(query, limit => store.list({ q: query.q ?? '', limit, after: Number(query.after ?? 0) })),
  );

  http.get<{ Params: { id: string } }>(
    '/products/:id',
    { schema: { response: { 200: product } } },
    async ({ params }) => {
      const found = /^\d{1,9}$/.test(params.id) ? await store.find(Number(params.id)) : undefined;
      if (!found) throw new Problem(404, 'There is no such product.');
      return found;
    },
  );
}
