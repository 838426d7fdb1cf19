/** What other services answer. */
import { type Handler, handler, having, uuid } from '#kit/inbox';
import { integer, listOf, string } from '#kit/schema';
import type { About, Saga } from './saga.ts';
import type { Reserved } from './steps.ts';

const about = having({ orderId: uuid });
const refused = having({ orderId: uuid, reason: string });
const item = having({ productId: integer, name: string, priceCents: integer });
const reserved = having({ orderId: uuid, items: listOf(item), totalCents: integer, currency: string });

export function createHandlers(saga: Saga): Readonly<Record<string, Handler>> {
  return {
    'shop.shop.StockReserved.v1': handler<Reserved>(reserved, saga.stockReserved),
    'shop.shop.StockRefused.v1': handler<About & { reason: string }>(refused, saga.stockRefused),
    'shop.shop.StockCommitted.v1': handler<About>(about, saga.stockCommitted),
    'shop.payments.PaymentCaptured.v1': handler<About>(about, saga.paymentCaptured),
    'shop.payments.PaymentDeclined.v1': handler<About>(about, saga.paymentDeclined),
    'shop.payments.PaymentCancelled.v1': handler<About>(about, saga.paymentCancelled),
    'shop.search.OrdersWanted.v1': handler(having({}), saga.sendPaidOrders),
  };
}
