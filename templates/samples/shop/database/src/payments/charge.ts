import type { Queries } from '#kit/database';
import { Problem } from '#kit/problem';
import type { CardProvider, Charge } from './provider.ts';

/**
 * Takes the money for an order, in the transaction that writes the order. @throws Problem 402 when the card is declined.
 *
 * Only a simulated provider may be called here. A real one is another company's server: while it thinks, the transaction
 * holds its locks, and a rollback does not give the money back.
 */
export async function charge(tx: Queries, provider: CardProvider, order: Charge): Promise<void> {
  const reference = await provider.charge(order);
  if (!reference) throw new Problem(402, 'The card was declined; nothing was taken.');
  await tx.query(
    `insert into payments.payments (order_id, amount_cents, currency, state, provider_reference)
     values ($1, $2, $3, 'captured', $4)`,
    [order.orderId, order.amountCents, order.currency, reference],
  );
}
