import { randomUUID } from 'node:crypto';
import type { Queries } from '#kit/database';
import { claimKey } from './idempotency.ts';
import type { Saga } from './saga.ts';
import { keepTerms } from './steps.ts';
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
  readonly saga: Saga;
  /** How long stock and payment may take, in seconds. */
  readonly deadlineSeconds: number;
}

/** Nobody else is asked while the customer waits: order and message are written, and that is all. */
export function createPlaceOrder({ transaction, saga, deadlineSeconds }: Neighbours): PlaceOrder {
  return request =>
    transaction(async tx => {
      const id = randomUUID();
      const earlier = await findEarlier(tx, request, id);
      if (earlier) return { status: 202, order: earlier };

      const { customer, paymentMethod } = request;
      const order: Order = {
        id,
        customerId: customer.id,
        state: 'placed',
        reason: null,
        items: request.items.map(item => ({ ...item, name: null, priceCents: null })),
        totalCents: null,
        currency: 'EUR',
        createdAt: new Date(),
      };
      await createOrderStore(tx).add(order);
      await keepTerms(tx, id, { email: customer.email, paymentMethod, deadlineSeconds });
      await saga.begin(tx, id, request.items);
      return { status: 202, order };
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
