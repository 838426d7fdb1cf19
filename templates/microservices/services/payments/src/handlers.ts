/** What orders asks for. */
import { type Handler, handler } from '#kit/inbox';
import type { Charge } from './provider.ts';
import type { Payments } from './store.ts';

const orderId = { type: 'string', format: 'uuid' };

const charge = {
  type: 'object',
  required: ['orderId', 'amountCents', 'currency', 'paymentMethod'],
  properties: {
    orderId,
    amountCents: { type: 'integer', minimum: 0 },
    currency: { type: 'string' },
    paymentMethod: { type: 'string' },
  },
};

const cancel = { type: 'object', required: ['orderId'], properties: { orderId } };

export function createHandlers(payments: Payments): Readonly<Record<string, Handler>> {
  return {
    'shop.orders.ChargePayment.v1': handler<Charge>(charge, payments.request),
    'shop.orders.CancelPayment.v1': handler<{ orderId: string }>(cancel, (tx, data) =>
      payments.cancel(tx, data.orderId),
    ),
  };
}
