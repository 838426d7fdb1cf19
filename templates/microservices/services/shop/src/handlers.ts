/** What other services ask for. */
import { type Handler, handler } from '#kit/inbox';
import { publishAll } from './products/changes.ts';
import type { Reservations } from './products/reservations.ts';
import type { Line } from './products/store.ts';

const orderId = { type: 'string', format: 'uuid' };
const aboutOrder = { type: 'object', required: ['orderId'], properties: { orderId } };
const item = {
  type: 'object',
  required: ['productId', 'quantity'],
  properties: { productId: { type: 'integer' }, quantity: { type: 'integer', minimum: 1 } },
};
const goods = {
  type: 'object',
  required: ['orderId', 'items'],
  properties: { orderId, items: { type: 'array', minItems: 1, items: item } },
};

interface AboutOrder {
  readonly orderId: string;
}

export function createHandlers(reservations: Reservations): Readonly<Record<string, Handler>> {
  return {
    'shop.orders.ReserveStock.v1': handler<AboutOrder & { items: Line[] }>(goods, reservations.reserve),
    'shop.orders.CommitStock.v1': handler<AboutOrder>(aboutOrder, reservations.commit),
    'shop.orders.ReleaseStock.v1': handler<AboutOrder>(aboutOrder, reservations.release),
    'shop.search.ProductsWanted.v1': handler({ type: 'object' }, publishAll),
  };
}
