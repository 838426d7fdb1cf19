import { randomUUID } from 'node:crypto';
import type { Item, Order, OrderStore } from './store.ts';

export interface PlaceRequest {
  readonly customer: { readonly id: string; readonly email: string };
  readonly items: readonly Item[];
  readonly paymentMethod: string;
  /** Names the attempt, so that trying again does not order again. Nothing is remembered here yet: it has no effect. */
  readonly idempotencyKey: string | undefined;
}

export interface Placed {
  /** 201: it is done. 202: it is accepted, and will be done. */
  readonly status: 201 | 202;
  readonly order: Order;
}

export type PlaceOrder = (request: PlaceRequest) => Promise<Placed>;

/** What placing an order needs of other modules. */
interface Neighbours {
  readonly store: OrderStore;
  takeStock(items: readonly Item[]): Promise<(Item & { name: string; priceCents: number })[]>;
  putBackStock(items: readonly Item[]): Promise<void>;
  charge(charge: {
    orderId: string;
    amountCents: number;
    currency: string;
    paymentMethod: string;
  }): Promise<void>;
}

export function createPlaceOrder({ store, takeStock, putBackStock, charge }: Neighbours): PlaceOrder {
  return async ({ customer, items, paymentMethod }) => {
    const id = randomUUID();
    const currency = 'EUR';
    const lines = await takeStock(items);
    const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.priceCents, 0);
    try {
      await charge({ orderId: id, amountCents: totalCents, currency, paymentMethod });
    } catch (error) {
      await putBackStock(items);
      throw error;
    }
    const createdAt = new Date();
    const order = {
      id,
      customerId: customer.id,
      state: 'paid',
      reason: null,
      items: lines,
      totalCents,
      currency,
      createdAt,
    };
    await store.add(order);
    return { status: 201, order };
  };
}
