/** What other services tell this one. */
import { type Handler, handler, having, uuid } from '#kit/inbox';
import { integer, listOf, string } from '#kit/schema';
import { keepReceipt, type PaidOrder } from './store.ts';
import { enqueueReceipt } from './worker.ts';

const orderPaid = having({
  orderId: uuid,
  email: string,
  items: listOf(having({ name: string, quantity: integer, priceCents: integer })),
  totalCents: integer,
  currency: string,
  createdAt: string,
});

export const handlers: Readonly<Record<string, Handler>> = {
  'shop.orders.OrderPaid.v1': handler<PaidOrder>(orderPaid, async (tx, order) => {
    // Sending takes seconds and may fail: it is a job, queued in this very transaction, and nobody waits for it.
    if (await keepReceipt(tx, order)) await enqueueReceipt(tx, order.orderId);
  }),
};
