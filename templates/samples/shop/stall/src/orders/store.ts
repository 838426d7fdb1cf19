/** The orders. In memory: a restart forgets them. */

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
  add(order: Order): Promise<void>;
  /** The customer's order with this id; another customer's order is not found. */
  find(customerId: string, id: string): Promise<Order | undefined>;
  /** The customer's orders, newest first; with `after`, those before that order. */
  list(customerId: string, page: { limit: number; after: string | undefined }): Promise<Order[]>;
}

export function createOrderStore(): OrderStore {
  const orders: Order[] = [];

  return {
    add: async order => {
      orders.unshift(order);
    },
    find: async (customerId, id) => orders.find(order => order.id === id && order.customerId === customerId),
    list: async (customerId, { limit, after }) => {
      const own = orders.filter(order => order.customerId === customerId);
      const start = after ? own.findIndex(order => order.id === after) + 1 || own.length : 0;
      return own.slice(start, start + limit);
    },
  };
}
