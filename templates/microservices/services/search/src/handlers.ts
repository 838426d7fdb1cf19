/** What other services tell the index. */
import { type Handler, handler } from '#kit/inbox';
import { keepOrder, keepProduct, type OrderEntry, type ProductEntry } from './index-store.ts';

const productChanged = {
  type: 'object',
  required: ['productId', 'version', 'name', 'description', 'priceCents', 'currency', 'available'],
  properties: {
    productId: { type: 'integer' },
    version: { type: 'integer' },
    name: { type: 'string' },
    description: { type: 'string' },
    priceCents: { type: 'integer' },
    currency: { type: 'string' },
    available: { type: 'integer' },
  },
};

const orderPaid = {
  type: 'object',
  required: ['orderId', 'customerId', 'items', 'totalCents', 'currency', 'createdAt'],
  properties: {
    orderId: { type: 'string', format: 'uuid' },
    customerId: { type: 'string', format: 'uuid' },
    items: {
      type: 'array',
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    },
    totalCents: { type: 'integer' },
    currency: { type: 'string' },
    createdAt: { type: 'string', format: 'date-time' },
  },
};

export const handlers: Readonly<Record<string, Handler>> = {
  'shop.shop.ProductChanged.v1': handler<ProductEntry>(productChanged, keepProduct),
  'shop.orders.OrderPaid.v1': handler<OrderEntry>(orderPaid, keepOrder),
};
