/** The payments: at most one for each order, and what became of it. */
import type { Database, Queries } from '#kit/database';
import type { Outbox } from '#kit/outbox';
import type { CardProvider, Charge } from './provider.ts';

/** Charges asked of the provider at the same time. */
const BATCH = 10;

type State = 'pending' | 'captured' | 'declined' | 'cancelled';

const ANSWERS: Readonly<Record<Exclude<State, 'pending'>, string>> = {
  captured: 'shop.payments.PaymentCaptured.v1',
  declined: 'shop.payments.PaymentDeclined.v1',
  cancelled: 'shop.payments.PaymentCancelled.v1',
};

export interface Payments {
  /** Notes that this money is to be taken. A cancellation that came first wins. */
  request(tx: Queries, charge: Charge): Promise<void>;
  /** Takes nothing for this order any more, unless the money is there already: the answer tells. */
  cancel(tx: Queries, orderId: string): Promise<void>;
  /** Asks the provider for what is pending. @returns whether there may be more */
  chargePending(): Promise<boolean>;
}

export function createPayments(database: Database, outbox: Outbox, provider: CardProvider): Payments {
  // A pending payment is answered by whoever completes it: until the provider has spoken, nobody knows.
  async function answer(tx: Queries, orderId: string): Promise<void> {
    const { rows } = await tx.query<{ state: State }>(
      'select state from payments.payments where order_id = $1',
      [orderId],
    );
    const state = rows[0]?.state;
    if (!state || state === 'pending') return;
    await outbox.emit(tx, { to: 'orders', type: ANSWERS[state], subject: orderId, data: { orderId } });
  }

  async function complete(charge: Charge): Promise<void> {
    // Outside of any transaction: locks and connections must not wait for a stranger. When this program dies between the
    // provider's answer and the note of it, the charge is repeated, and the order's id tells the provider that it is the same.
    const reference = await provider.charge(charge);
    await database.transaction(async tx => {
      const { rowCount } = await tx.query(
        `update payments.payments set state = $2, provider_reference = $3 where order_id = $1 and state = 'pending'`,
        [charge.orderId, reference ? 'captured' : 'declined', reference],
      );
      if (rowCount) await answer(tx, charge.orderId);
    });
  }

  return {
    async request(tx, { orderId, amountCents, currency, paymentMethod }) {
      const { rowCount } = await tx.query(
        `insert into payments.payments (order_id, amount_cents, currency, payment_method, state)
         values ($1, $2, $3, $4, 'pending') on conflict do nothing`,
        [orderId, amountCents, currency, paymentMethod],
      );
      if (!rowCount) await answer(tx, orderId);
    },
    async cancel(tx, orderId) {
      // The tombstone: a charge that comes later finds the row and does nothing.
      await tx.query(
        `insert into payments.payments (order_id, state) values ($1, 'cancelled') on conflict do nothing`,
        [orderId],
      );
      await answer(tx, orderId);
    },
    async chargePending() {
      const { rows } = await database.query<Charge>(
        `select order_id as "orderId", amount_cents as "amountCents", currency, payment_method as "paymentMethod"
           from payments.payments where state = 'pending' order by created_at limit ${BATCH}`,
      );
      const results = await Promise.allSettled(rows.map(complete));
      const failed = results.find(result => result.status === 'rejected');
      if (failed) throw failed.reason;
      return rows.length === BATCH;
    },
  };
}
