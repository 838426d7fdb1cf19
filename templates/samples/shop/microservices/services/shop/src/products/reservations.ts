/** Stock that is put aside for orders which are not paid yet. */
import type { Queries } from '#kit/database';
import type { Outbox } from '#kit/outbox';
import { Problem } from '#kit/problem';
import { createProductStore, type Line } from './store.ts';

/** The only currency that this shop has prices in. */
const CURRENCY = 'EUR';

interface Order {
  readonly orderId: string;
}

export interface Reservations {
  /** Puts all of it aside, or nothing. A release that came first wins. */
  reserve(tx: Queries, order: Order & { readonly items: readonly Line[] }): Promise<void>;
  /** It is sold: what was put aside is gone for good. */
  commit(tx: Queries, order: Order): Promise<void>;
  /** It is not sold: what was put aside, if anything, can be sold again. */
  release(tx: Queries, order: Order): Promise<void>;
}

export function createReservations(outbox: Outbox): Reservations {
  const answer = (tx: Queries, name: string, orderId: string, data: object = {}) =>
    outbox.emit(tx, {
      to: 'orders',
      type: `shop.shop.${name}.v1`,
      subject: orderId,
      data: { orderId, ...data },
    });

  return {
    async reserve(tx, { orderId, items }) {
      if (!(await isOpened(tx, orderId, 'reserved'))) {
        return answer(tx, 'StockRefused', orderId, { reason: 'released' });
      }
      // Lines before one that is sold out are given back, and the refusal is committed all the same.
      await tx.query('savepoint taking');
      try {
        const taken = await createProductStore(tx).take(items);
        await keepItems(tx, orderId, items);
        const totalCents = taken.reduce((sum, line) => sum + line.quantity * line.priceCents, 0);
        await answer(tx, 'StockReserved', orderId, { items: taken, totalCents, currency: CURRENCY });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        await tx.query('rollback to savepoint taking');
        await close(tx, orderId, 'released');
        const reason = error.status === 409 ? 'out_of_stock' : 'unknown_product';
        await answer(tx, 'StockRefused', orderId, { reason });
      }
    },
    async commit(tx, { orderId }) {
      if (await close(tx, orderId, 'committed')) await answer(tx, 'StockCommitted', orderId);
    },
    async release(tx, { orderId }) {
      if (await isOpened(tx, orderId, 'released')) return;
      if (await close(tx, orderId, 'released')) await putBack(tx, orderId);
    },
  };
}

/** @returns whether nothing was known of this order before */
async function isOpened(tx: Queries, orderId: string, state: 'reserved' | 'released'): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into products.reservations (order_id, state) values ($1, $2) on conflict do nothing',
    [orderId, state],
  );
  return rowCount === 1;
}

/** @returns whether it was still reserved */
async function close(tx: Queries, orderId: string, state: 'committed' | 'released'): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update products.reservations set state = $2, at = now() where order_id = $1 and state = 'reserved'`,
    [orderId, state],
  );
  return rowCount === 1;
}

async function keepItems(tx: Queries, orderId: string, items: readonly Line[]): Promise<void> {
  await tx.query(
    `insert into products.reserved_items (order_id, product_id, quantity)
     select $1, product_id, sum(quantity) from unnest($2::integer[], $3::integer[]) as item (product_id, quantity)
     group by product_id`,
    [orderId, items.map(item => item.productId), items.map(item => item.quantity)],
  );
}

async function putBack(tx: Queries, orderId: string): Promise<void> {
  const { rows } = await tx.query<Line>(
    'select product_id as "productId", quantity from products.reserved_items where order_id = $1 order by product_id',
    [orderId],
  );
  // In the order in which they are taken: two orders that lock the other way round would wait for each other.
  for (const { productId, quantity } of rows) {
    await tx.query('update products.products set available = available + $2 where id = $1', [
      productId,
      quantity,
    ]);
  }
}
