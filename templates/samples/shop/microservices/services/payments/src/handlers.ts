/** What orders asks for. */
import { type Handler, handler, having, uuid } from '#kit/inbox';
import { integer, string } from '#kit/schema';
import type { Charge } from './provider.ts';
import type { Payments } from './store.ts';

const charge = having({
  orderId: uuid,
  amountCents: { ...integer, minimum: 0 },
  currency: string,
  paymentMethod: string,
});
const cancel = having({ orderId: uuid });

export function createHandlers(payments: Payments): Readonly<Record<string, Handler>> {
  return {
    'shop.orders.ChargePayment.v1': handler<Charge>(charge, payments.request),
    'shop.orders.CancelPayment.v1': handler<{ orderId: string }>(cancel, (tx, data) =>
      payments.cancel(tx, data.orderId),
    ),
  };
}
