/** Tells search what has become of the products. Many changes of one product within a second become one message. */
import type { Queries } from '#kit/database';
import type { Outbox } from '#kit/outbox';

const BATCH = 100;

interface Change {
  readonly productId: number;
  readonly version: number;
}

/** Writes a message for each product that has changed. @returns whether there may be more */
export async function publishChanges(tx: Queries, outbox: Outbox): Promise<boolean> {
  const { rowCount, rows } = await tx.query<{ id: number }>(
    `delete from products.unpublished where product_id in (
       select product_id from products.unpublished order by product_id limit ${BATCH} for update skip locked
     ) returning product_id as id`,
  );
  // Read only now: until the rows above were locked, a change could still come in.
  const changes = await tx.query<Change>(
    `select id as "productId", version::integer, name, description, price_cents as "priceCents", currency, available
       from products.products where id = any($1)`,
    [rows.map(row => row.id)],
  );
  for (const data of changes.rows) {
    await outbox.emit(tx, {
      to: 'search',
      type: 'shop.shop.ProductChanged.v1',
      subject: String(data.productId),
      data,
    });
  }
  return rowCount === BATCH;
}

/** Has every product sent again: the index is being rebuilt. */
export async function publishAll(tx: Queries): Promise<void> {
  await tx.query(
    `insert into products.unpublished (product_id) select id from products.products order by id
     on conflict (product_id) do update set since = now()`,
  );
}
