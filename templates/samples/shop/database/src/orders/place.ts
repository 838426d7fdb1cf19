import { randomUUID } from 'node:crypto';
import type { Queries } from '#kit/database';
import { claimKey } from './idempotency.ts';
import { createOrderStore, type Item, type Order } from './store.ts';

export interface PlaceRequest {
  readonly customer: { readonly id: string; readonly email: string };
  readonly items: readonly Item[];
  readonly paymentMethod: string;
  /** Names the attempt, so that trying again does not order again. */
  readonly idempotencyKey: string | undefined;
}

export interface Placed {
  /** 201: it is done. 202: it is accepted, and will be done. */
  readonly status: 201 | 202;
  readonly order: Order;
}

export type PlaceOrder = (request: PlaceRequest) => Promise<Placed>;

/** What placing an order needs of others. What they do in the transaction is undone when the order comes to nothing. */
interface Neighbours {
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  takeStock(tx: Queries, items: readonly Item[]): Promise<(Item & { name: string; priceCents: number })[]>;
  charge(
    tx: Queries,
    charge: { orderId: string; amountCents: number; currency: string; paymentMethod: string },
  ): Promise<void>;
}

export function createPlaceOrder({ transaction, takeStock, charge }: Neighbours): PlaceOrder {
  return request =>
    transaction(async tx => {
      const id = randomUUID();
      const earlier = await findEarlier(tx, request, id);
      if (earlier) return { status: 201, order: earlier };

      const items = await takeStock(tx, request.items);
      const totalCents = items.reduce((sum, item) => sum + item.quantity * item.priceCents, 0);
      const currency = 'EUR';
      await charge(tx, {
        orderId: id,
        amountCents: totalCents,
        currency,
        paymentMethod: request.paymentMethod,
      });
      const customerId = request.customer.id;
      const createdAt = new Date();
      const order = { id, customerId, state: 'paid', reason: null, items, totalCents, currency, createdAt };
      await createOrderStore(tx).add(order);
      return { status: 201, order };
    });
}

/** The order that the same request with the same key has led to before, if any. */
async function findEarlier(tx: Queries, request: PlaceRequest, id: string): Promise<Order | undefined> {
  const { customer, idempotencyKey: key, items, paymentMethod } = request;
  if (key === undefined) return undefined;
  const asked = [items.map(({ productId, quantity }) => [productId, quantity]), paymentMethod];
  const orderId = await claimKey(tx, { customerId: customer.id, key, request: asked, orderId: id });
  return orderId === id ? undefined : createOrderStore(tx).find(customer.id, orderId);
}
