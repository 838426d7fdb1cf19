/** What other services tell the index. */
import { type Handler, handler, having, uuid } from '#kit/inbox';
import { integer, listOf, string } from '#kit/schema';
import { keepOrder, keepProduct, type OrderEntry, type ProductEntry } from './index-store.ts';

const productChanged = having({
  productId: integer,
  version: integer,
  name: string,
  description: string,
  priceCents: integer,
  currency: string,
  available: integer,
});

const orderPaid = having({
  orderId: uuid,
  customerId: uuid,
  items: listOf(having({ productId: integer, name: string, quantity: integer, priceCents: integer })),
  totalCents: integer,
  currency: string,
  createdAt: { ...string, format: 'date-time' },
});

export const handlers: Readonly<Record<string, Handler>> = {
  'shop.shop.ProductChanged.v1': handler<ProductEntry>(productChanged, keepProduct),
  'shop.orders.OrderPaid.v1': handler<OrderEntry>(orderPaid, keepOrder),
};
