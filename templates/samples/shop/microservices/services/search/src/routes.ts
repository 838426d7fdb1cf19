import type { FastifyInstance, FastifyRequest } from 'fastify';
import { integer, listOf, object, string } from '#kit/schema';
import type { OrderHit, ProductHit } from './index-store.ts';

const product = object({
  id: integer,
  name: string,
  description: string,
  priceCents: integer,
  currency: string,
  available: integer,
});
const item = object({ productId: integer, name: string, quantity: integer, priceCents: integer });
const order = object({
  id: string,
  items: listOf(item),
  totalCents: integer,
  currency: string,
  createdAt: string,
});
const result = object({ products: listOf(product), orders: listOf(order) });
const query = { ...object({ q: { ...string, minLength: 1, maxLength: 100 } }), additionalProperties: true };

interface Options {
  findProducts(q: string): Promise<ProductHit[]>;
  findOrders(customerId: string, q: string): Promise<OrderHit[]>;
  /** Who sent the request; undefined when nobody is signed in. */
  signedIn(request: FastifyRequest): { readonly id: string } | undefined;
}

export function searchRoutes(http: FastifyInstance, { findProducts, findOrders, signedIn }: Options): void {
  http.get<{ Querystring: { q: string } }>(
    '/search',
    { schema: { querystring: query, response: { 200: result } } },
    async request => {
      const { q } = request.query;
      const customer = signedIn(request);
      const [products, orders] = await Promise.all([
        findProducts(q),
        // Orders are for whoever placed them; a stranger gets an empty list, and not a hint that there are any.
        customer ? findOrders(customer.id, q) : [],
      ]);
      return { products, orders };
    },
  );
}
