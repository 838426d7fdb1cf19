/** What other services answer. */
import { type Handler, handler } from '#kit/inbox';
import type { About, Saga } from './saga.ts';
import type { Reserved } from './steps.ts';

const string = { type: 'string' };
const uuid = { type: 'string', format: 'uuid' };
const integer = { type: 'integer' };

const aboutOrder = { type: 'object', required: ['orderId'], properties: { orderId: uuid } };
const refused = {
  ...aboutOrder,
  required: ['orderId', 'reason'],
  properties: { orderId: uuid, reason: string },
};
const item = {
  type: 'object',
  required: ['productId', 'name', 'priceCents'],
  properties: { productId: integer, name: string, priceCents: integer },
};
const reserved = {
  type: 'object',
  required: ['orderId', 'items', 'totalCents', 'currency'],
  properties: { orderId: uuid, items: { type: 'array', items: item }, totalCents: integer, currency: string },
};

export function createHandlers(saga: Saga): Readonly<Record<string, Handler>> {
  return {
    'shop.shop.StockReserved.v1': handler<Reserved>(reserved, saga.stockReserved),
    'shop.shop.StockRefused.v1': handler<About & { reason: string }>(refused, saga.stockRefused),
    'shop.shop.StockCommitted.v1': handler<About>(aboutOrder, saga.stockCommitted),
    'shop.payments.PaymentCaptured.v1': handler<About>(aboutOrder, saga.paymentCaptured),
    'shop.payments.PaymentDeclined.v1': handler<About>(aboutOrder, saga.paymentDeclined),
    'shop.payments.PaymentCancelled.v1': handler<About>(aboutOrder, saga.paymentCancelled),
    'shop.search.OrdersWanted.v1': handler({ type: 'object' }, saga.sendPaidOrders),
  };
}
