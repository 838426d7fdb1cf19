/** What other services tell this one. */
import { type Handler, handler } from '#kit/inbox';
import { keepReceipt, type PaidOrder } from './store.ts';
import { enqueueReceipt } from './worker.ts';

const item = {
  type: 'object',
  required: ['name', 'quantity', 'priceCents'],
  properties: { name: { type: 'string' }, quantity: { type: 'integer' }, priceCents: { type: 'integer' } },
};

const orderPaid = {
  type: 'object',
  required: ['orderId', 'email', 'items', 'totalCents', 'currency', 'createdAt'],
  properties: {
    orderId: { type: 'string', format: 'uuid' },
    email: { type: 'string' },
    items: { type: 'array', items: item },
    totalCents: { type: 'integer' },
    currency: { type: 'string' },
    createdAt: { type: 'string' },
  },
};

export const handlers: Readonly<Record<string, Handler>> = {
  'shop.orders.OrderPaid.v1': handler<PaidOrder>(orderPaid, async (tx, order) => {
    // Sending takes seconds and may fail: it is a job, queued in this very transaction, and nobody waits for it.
    if (await keepReceipt(tx, order)) await enqueueReceipt(tx, order.orderId);
  }),
};
