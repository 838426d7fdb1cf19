/**
 * An order's way through the shop, in steps that other services answer for:
 *
 *     placed --StockReserved--> reserved --PaymentCaptured--> paid --StockCommitted--> completed
 *     placed --StockRefused--> rejected
 *     reserved --PaymentDeclined--> cancelled
 *     placed, reserved --deadline--> cancelling --PaymentCancelled--> cancelled
 *                                    cancelling --PaymentCaptured--> paid, because the money was faster
 *
 * Until `paid` everything can be taken back; from then on the order only goes forward. Every step names the states that it
 * starts from, so a message that comes twice, late or out of order changes nothing.
 */
import type { Queries } from '#kit/database';
import type { Outbox } from '#kit/outbox';
import { expiredOrder, move, paidOrders, price, type Reserved, recordEvent, type State } from './steps.ts';

export interface Saga {
  /** Asks the shop for the goods. Belongs into the transaction that places the order. */
  begin(tx: Queries, orderId: string, items: readonly object[]): Promise<void>;
  stockReserved(tx: Queries, reserved: Reserved): Promise<void>;
  stockRefused(tx: Queries, refused: About & { readonly reason: string }): Promise<void>;
  stockCommitted(tx: Queries, about: About): Promise<void>;
  paymentCaptured(tx: Queries, about: About): Promise<void>;
  paymentDeclined(tx: Queries, about: About): Promise<void>;
  paymentCancelled(tx: Queries, about: About): Promise<void>;
  /** Begins to take back an order whose time is up. @returns whether there may be more */
  expire(tx: Queries): Promise<boolean>;
  /** Tells search of every order that was paid: its index is being rebuilt. */
  sendPaidOrders(tx: Queries): Promise<void>;
}

export interface About {
  readonly orderId: string;
}

export function createSaga(outbox: Outbox): Saga {
  const tell = (tx: Queries, to: string, name: string, orderId: string, data: object = {}) =>
    outbox.emit(tx, { to, type: typeOf(name), subject: orderId, data: { orderId, ...data } });

  async function cancel(tx: Queries, orderId: string, from: State[], reason: string): Promise<void> {
    if (await move(tx, orderId, from, 'cancelled', reason)) await tell(tx, 'shop', 'ReleaseStock', orderId);
  }

  return {
    async begin(tx, orderId, items) {
      await recordEvent(tx, orderId, null, 'placed');
      await tell(tx, 'shop', 'ReserveStock', orderId, { items });
    },
    async stockReserved(tx, reserved) {
      const { orderId, totalCents: amountCents, currency } = reserved;
      if (!(await move(tx, orderId, ['placed'], 'reserved'))) return;
      const paymentMethod = await price(tx, reserved);
      await tell(tx, 'payments', 'ChargePayment', orderId, { amountCents, currency, paymentMethod });
    },
    async stockRefused(tx, { orderId, reason }) {
      await move(tx, orderId, ['placed'], 'rejected', reason);
    },
    async stockCommitted(tx, { orderId }) {
      await move(tx, orderId, ['paid'], 'completed');
    },
    async paymentCaptured(tx, { orderId }) {
      if (!(await move(tx, orderId, ['reserved', 'cancelling'], 'paid'))) return;
      await tell(tx, 'shop', 'CommitStock', orderId);
      const [order] = await paidOrders(tx, orderId);
      for (const to of ['receipts', 'search']) await tell(tx, to, 'OrderPaid', orderId, order);
    },
    paymentDeclined: (tx, { orderId }) => cancel(tx, orderId, ['reserved', 'cancelling'], 'payment_declined'),
    paymentCancelled: (tx, { orderId }) => cancel(tx, orderId, ['cancelling'], 'deadline'),
    async expire(tx) {
      // One at a time: withdrawing may wait for a message on its way, and every order that this holds waits along.
      const id = await expiredOrder(tx);
      if (id === undefined) return false;
      await move(tx, id, ['placed', 'reserved'], 'cancelling', 'deadline');
      // A charge that payments has never seen is not sent any more; CancelPayment settles the others.
      await outbox.withdraw(tx, typeOf('ChargePayment'), id);
      await tell(tx, 'payments', 'CancelPayment', id);
      return true;
    },
    async sendPaidOrders(tx) {
      for (const order of await paidOrders(tx)) await tell(tx, 'search', 'OrderPaid', order.orderId, order);
    },
  };
}

const typeOf = (name: string) => `shop.orders.${name}.v1`;
