/** The orders. */
import type { Queries } from '#kit/database';

export interface Item {
  readonly productId: number;
  readonly quantity: number;
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly state: string;
  /** Why the order came to nothing, if it did. */
  readonly reason: string | null;
  /** Name and price are null as long as nobody has priced the order; here it is priced when it is placed. */
  readonly items: readonly (Item & { readonly name: string | null; readonly priceCents: number | null })[];
  readonly totalCents: number | null;
  readonly currency: string;
  readonly createdAt: Date;
}

export interface OrderStore {
  /** Belongs in a transaction. */
  add(order: Order): Promise<void>;
  /** The customer's order with this id; another customer's order is not found. */
  find(customerId: string, id: string): Promise<Order | undefined>;
  /** The customer's orders, newest first; with `after`, those before that order. */
  list(customerId: string, page: { limit: number; after: string | undefined }): Promise<Order[]>;
}

const SELECT = `
  select id, customer_id as "customerId", state, reason, total_cents as "totalCents", currency, created_at as "createdAt",
    (select json_agg(json_build_object(
        'productId', product_id, 'name', name, 'quantity', quantity, 'priceCents', price_cents
      ) order by position)
     from orders.order_items where order_id = id) as items
  from orders.orders`;

export function createOrderStore(database: Queries): OrderStore {
  return {
    add: async ({ id, customerId, state, reason, items, totalCents, currency, createdAt }) => {
      await database.query(
        `insert into orders.orders (id, customer_id, state, reason, total_cents, currency, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [id, customerId, state, reason, totalCents, currency, createdAt],
      );
      await database.query(
        `insert into orders.order_items (order_id, position, product_id, name, quantity, price_cents)
         select $1, position, product_id, name, quantity, price_cents
         from unnest($2::integer[], $3::text[], $4::integer[], $5::integer[])
           with ordinality as item (product_id, name, quantity, price_cents, position)`,
        [
          id,
          items.map(item => item.productId),
          items.map(item => item.name),
          items.map(item => item.quantity),
          items.map(item => item.priceCents),
        ],
      );
    },
    find: async (customerId, id) => {
      const { rows } = await database.query<Order>(`${SELECT} where customer_id = $1 and id = $2`, [
        customerId,
        id,
      ]);
      return rows[0];
    },
    list: async (customerId, { limit, after }) => {
      const { rows } = await database.query<Order>(
        `${SELECT}
         where customer_id = $1 and ($2::uuid is null or (created_at, id) <
           (select created_at, id from orders.orders where customer_id = $1 and id = $2))
         order by created_at desc, id desc limit $3`,
        [customerId, after ?? null, limit],
      );
      return rows;
    },
  };
}
