import { createHash } from 'node:crypto';
import type { Queries } from '#kit/database';
import { Problem } from '#kit/problem';

/**
 * Reserves a customer's key for the order `orderId`, in the transaction that writes this order. Someone else with the same key
 * waits here until that transaction ends, and then finds the key taken, or free again.
 * @param request what was asked for: a key stands for one request only.
 * @returns the id of the order that the key stands for: `orderId`, or that of an earlier order.
 * @throws Problem 422 when the key stands for another request.
 */
export async function claimKey(
  tx: Queries,
  {
    customerId,
    key,
    request,
    orderId,
  }: { customerId: string; key: string; request: unknown; orderId: string },
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const claimed = await tx.query(
    `insert into orders.idempotency_keys (customer_id, key, request_hash, order_id) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [customerId, key, hash, orderId],
  );
  if (claimed.rowCount) return orderId;
  const { rows } = await tx.query<{ hash: string; orderId: string }>(
    `select request_hash as hash, order_id as "orderId" from orders.idempotency_keys where customer_id = $1 and key = $2`,
    [customerId, key],
  );
  if (rows[0]?.hash !== hash) throw new Problem(422, 'This Idempotency-Key was used for another order.');
  return rows[0].orderId;
}
