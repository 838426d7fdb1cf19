/** The search index: a copy of what the shop and orders know, shaped for one question. Never a source of truth. */
import type { Database, Queries } from '#kit/database';

/** How many products, and how many orders, one answer holds. */
const MOST_HITS = 20;

export interface ProductHit {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  readonly currency: string;
  readonly available: number;
}

export interface OrderHit {
  readonly id: string;
  readonly items: readonly object[];
  readonly totalCents: number;
  readonly currency: string;
  readonly createdAt: Date;
}

export interface ProductEntry extends Omit<ProductHit, 'id'> {
  readonly productId: number;
  readonly version: number;
}

export interface OrderEntry {
  readonly orderId: string;
  readonly customerId: string;
  readonly items: readonly { readonly name: string }[];
  readonly totalCents: number;
  readonly currency: string;
  readonly createdAt: string;
}

/** Keeps a product, unless a newer version of it is there already: messages may overtake one another. */
export async function keepProduct(tx: Queries, entry: ProductEntry): Promise<void> {
  const { productId, version, name, description, priceCents, currency, available } = entry;
  await tx.query(
    `insert into search.products as known (product_id, version, name, description, price_cents, currency, available)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (product_id) do update set version = excluded.version, name = excluded.name,
       description = excluded.description, price_cents = excluded.price_cents, currency = excluded.currency,
       available = excluded.available
     where known.version < excluded.version`,
    [productId, version, name, description, priceCents, currency, available],
  );
}

/** Keeps an order; it is paid, so nothing about it changes any more. */
export async function keepOrder(tx: Queries, entry: OrderEntry): Promise<void> {
  const { orderId, customerId, items, totalCents, currency, createdAt } = entry;
  const names = items.map(item => item.name).join(' ');
  await tx.query(
    `insert into search.orders (order_id, customer_id, items, total_cents, currency, created_at, words)
     values ($1, $2, $3, $4, $5, $6, to_tsvector('simple', $7)) on conflict do nothing`,
    [orderId, customerId, JSON.stringify(items), totalCents, currency, createdAt, names],
  );
}

/** Forgets everything: the first step of a rebuild. */
export async function forgetAll(tx: Queries): Promise<void> {
  await tx.query('delete from search.products');
  await tx.query('delete from search.orders');
}

/** Products in which every word of `q` begins a word, best first. */
export async function findProducts(database: Database, q: string): Promise<ProductHit[]> {
  const { rows } = await database.query<ProductHit>(
    `select product_id as id, name, description, price_cents as "priceCents", currency, available
       from search.products, to_tsquery('simple', $1) as wanted
      where words @@ wanted order by ts_rank(words, wanted) desc, product_id limit ${MOST_HITS}`,
    [prefixes(q)],
  );
  return rows;
}

/** The customer's own orders that hold such a product, newest first. An order's id finds that order. */
export async function findOrders(database: Database, customerId: string, q: string): Promise<OrderHit[]> {
  const { rows } = await database.query<OrderHit>(
    `select order_id as id, items, total_cents as "totalCents", currency, created_at as "createdAt"
       from search.orders
      where customer_id = $1 and (words @@ to_tsquery('simple', $2) or order_id::text = lower($3))
      order by created_at desc, order_id limit ${MOST_HITS}`,
    [customerId, prefixes(q), q.trim()],
  );
  return rows;
}

// Letters and digits only: nothing that a person types can be read as an operator of the query language.
function prefixes(q: string): string {
  return (q.match(/[\p{L}\p{N}]+/gu) ?? []).map(word => `${word}:*`).join(' & ');
}
