/** The steps of the saga as changes of the orders' rows. */
import type { Queries } from '#kit/database';

export type State = 'placed' | 'reserved' | 'paid' | 'completed' | 'rejected' | 'cancelling' | 'cancelled';

/** What the shop put aside, at its prices. */
export interface Reserved {
  readonly orderId: string;
  readonly items: readonly {
    readonly productId: number;
    readonly name: string;
    readonly priceCents: number;
  }[];
  readonly totalCents: number;
  readonly currency: string;
}

/** What the shop's other parts are told of a paid order. */
export interface PaidOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly email: string;
  readonly items: readonly object[];
  readonly totalCents: number;
  readonly currency: string;
  readonly createdAt: Date;
}

/**
 * Moves an order on, if it is where the step starts.
 * @returns whether it was; if not, the step has been taken before, or another one was faster
 */
export async function move(
  tx: Queries,
  orderId: string,
  from: readonly State[],
  to: State,
  reason: string | null = null,
): Promise<boolean> {
  const { rows } = await tx.query<{ before: State }>(
    `update orders.orders set state = $3, reason = $4
       from (select id, state as before from orders.orders where id = $1 for update) as old
      where orders.id = old.id and old.before = any($2) returning old.before`,
    [orderId, from, to, reason],
  );
  const before = rows[0]?.before;
  if (before) await recordEvent(tx, orderId, before, to, reason);
  return before !== undefined;
}

/** Writes the order's history: for people who ask what happened. */
export async function recordEvent(
  tx: Queries,
  orderId: string,
  from: State | null,
  to: State,
  reason: string | null = null,
): Promise<void> {
  await tx.query(
    'insert into orders.order_events (order_id, from_state, to_state, reason) values ($1, $2, $3, $4)',
    [orderId, from, to, reason],
  );
}

/** Notes what the saga needs to know of a new order. `deadlineSeconds` from now it is taken back unless it is paid by then. */
export async function keepTerms(
  tx: Queries,
  orderId: string,
  terms: { readonly email: string; readonly paymentMethod: string; readonly deadlineSeconds: number },
): Promise<void> {
  await tx.query(
    `update orders.orders
        set email = $2, payment_method = $3, deadline_at = now() + make_interval(secs => $4) where id = $1`,
    [orderId, terms.email, terms.paymentMethod, terms.deadlineSeconds],
  );
}

/** Fills in names and prices. @returns how the order is to be paid */
export async function price(
  tx: Queries,
  { orderId, items, totalCents, currency }: Reserved,
): Promise<string> {
  await tx.query(
    `update orders.order_items as item set name = priced.name, price_cents = priced.price_cents
       from unnest($2::integer[], $3::text[], $4::integer[]) as priced (product_id, name, price_cents)
      where item.order_id = $1 and item.product_id = priced.product_id`,
    [
      orderId,
      items.map(item => item.productId),
      items.map(item => item.name),
      items.map(item => item.priceCents),
    ],
  );
  const { rows } = await tx.query<{ method: string }>(
    'update orders.orders set total_cents = $2, currency = $3 where id = $1 returning payment_method as method',
    [orderId, totalCents, currency],
  );
  return rows[0]?.method ?? 'card';
}

/** Locks the order whose time has been up for the longest, and returns its id. */
export async function expiredOrder(tx: Queries): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from orders.orders where state in ('placed', 'reserved') and deadline_at < now()
      order by deadline_at limit 1 for update skip locked`,
  );
  return rows[0]?.id;
}

/** This order, or all orders that were ever paid. */
export async function paidOrders(tx: Queries, orderId?: string): Promise<PaidOrder[]> {
  const { rows } = await tx.query<PaidOrder>(
    `select id as "orderId", customer_id as "customerId", coalesce(email, '') as email, total_cents as "totalCents",
            currency, created_at as "createdAt",
            (select json_agg(json_build_object(
                'productId', product_id, 'name', name, 'quantity', quantity, 'priceCents', price_cents
              ) order by position)
             from orders.order_items where order_id = id) as items
       from orders.orders where state in ('paid', 'completed') and ($1::uuid is null or id = $1)`,
    [orderId ?? null],
  );
  return rows;
}
