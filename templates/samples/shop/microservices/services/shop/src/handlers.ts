/** What other services ask for. */
import { type Handler, handler, having, uuid } from '#kit/inbox';
import { integer, listOf } from '#kit/schema';
import { publishAll } from './products/changes.ts';
import type { Reservations } from './products/reservations.ts';
import type { Line } from './products/store.ts';

const about = having({ orderId: uuid });
const item = having({ productId: integer, quantity: { ...integer, minimum: 1 } });
const goods = having({ orderId: uuid, items: { ...listOf(item), minItems: 1 } });

interface About {
  readonly orderId: string;
}

export function createHandlers(reservations: Reservations): Readonly<Record<string, Handler>> {
  return {
    'shop.orders.ReserveStock.v1': handler<About & { items: Line[] }>(goods, reservations.reserve),
    'shop.orders.CommitStock.v1': handler<About>(about, reservations.commit),
    'shop.orders.ReleaseStock.v1': handler<About>(about, reservations.release),
    'shop.search.ProductsWanted.v1': handler(having({}), publishAll),
  };
}
