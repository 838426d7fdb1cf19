import type { FastifyInstance, FastifyRequest } from 'fastify';
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
  stringOrNull,
} from '#kit/schema';
import type { PlaceOrder, PlaceRequest } from './place.ts';
import type { Item, OrderStore } from './store.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const newItem = object({
  productId: { ...integer, minimum: 1, maximum: 999_999_999 },
  quantity: { ...integer, minimum: 1, maximum: 100 },
});
const newOrder = object(
  {
    items: { ...listOf(newItem), minItems: 1, maxItems: 50 },
    paymentMethod: { enum: ['card', 'declined-test-card'] },
  },
  ['paymentMethod'],
);
const order = object({
  id: string,
  state: string,
  reason: stringOrNull,
  items: listOf(
    object({ productId: integer, name: stringOrNull, quantity: integer, priceCents: integerOrNull }),
  ),
  totalCents: integerOrNull,
  currency: string,
  createdAt: string,
});
const page = object({ items: listOf(order), next: stringOrNull });
const search = { type: 'object', properties: { ...pageQuery, after: { ...string, pattern: UUID.source } } };
const idempotency = {
  type: 'object',
  properties: { 'idempotency-key': { ...string, minLength: 1, maxLength: 255 } },
};

interface Options {
  readonly store: OrderStore;
  readonly place: PlaceOrder;
  /** Who sent the request. @throws Problem 401 when nobody is signed in. */
  currentCustomer(request: FastifyRequest): Promise<PlaceRequest['customer']>;
}

export function orderRoutes(http: FastifyInstance, { store, place, currentCustomer }: Options): void {
  http.post<{
    Body: { items: Item[]; paymentMethod?: string };
    Headers: { 'idempotency-key'?: string };
  }>(
    '/orders',
    { schema: { headers: idempotency, body: newOrder, response: { '2xx': order } } },
    async (request, reply) => {
      const placed = await place({
        customer: await currentCustomer(request),
        items: request.body.items,
        paymentMethod: request.body.paymentMethod ?? 'card',
        idempotencyKey: request.headers['idempotency-key'],
      });
      reply.code(placed.status).header('location', `${http.prefix}/orders/${placed.order.id}`);
      return placed.order;
    },
  );

  http.get<{ Querystring: PageQuery }>(
    '/orders',
    { schema: { querystring: search, response: { 200: page } } },
    async request => {
      const { id } = await currentCustomer(request);
      return readPage(request.query, limit => store.list(id, { limit, after: request.query.after }));
    },
  );

  http.get<{ Params: { id: string } }>(
    '/orders/:id',
    { schema: { response: { 200: order } } },
    async request => {
      const { id } = await currentCustomer(request);
      const found = UUID.test(request.params.id) ? await store.find(id, request.params.id) : undefined;
      if (!found) throw new Problem(404, 'You have no such order.');
      return found;
    },
  );
}
