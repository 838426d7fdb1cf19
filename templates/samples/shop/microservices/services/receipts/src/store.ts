/** One receipt per paid order, and whether it has been sent. */
import type { Database, Queries } from '#kit/database';

export interface PaidOrder {
  readonly orderId: string;
  readonly email: string;
  readonly items: readonly {
    readonly name: string;
    readonly quantity: number;
    readonly priceCents: number;
  }[];
  readonly totalCents: number;
  readonly currency: string;
  readonly createdAt: string;
}

/** @returns whether it is new */
export async function keepReceipt(tx: Queries, order: PaidOrder): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into receipts.receipts (order_id, email, order_data) values ($1, $2, $3) on conflict do nothing',
    [order.orderId, order.email, JSON.stringify(order)],
  );
  return rowCount === 1;
}

/** The order whose receipt is still to be sent, or undefined when it was. */
export async function findUnsent(database: Database, orderId: string): Promise<PaidOrder | undefined> {
  const { rows } = await database.query<{ order: PaidOrder }>(
    'select order_data as order from receipts.receipts where order_id = $1 and sent_at is null',
    [orderId],
  );
  return rows[0]?.order;
}

export async function markSent(database: Database, orderId: string): Promise<void> {
  await database.query('update receipts.receipts set sent_at = now() where order_id = $1', [orderId]);
}
