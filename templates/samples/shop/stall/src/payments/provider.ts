import { randomUUID } from 'node:crypto';

export interface Charge {
  readonly orderId: string;
  readonly amountCents: number;
  readonly currency: string;
  readonly paymentMethod: string;
}

/** A company that takes money from cards, as far as this shop knows one. */
export interface CardProvider {
  /** Resolves to the provider's own reference, or to undefined when the card is declined. */
  charge(charge: Charge): Promise<string | undefined>;
}

/** Plays the card company inside this process. It approves everything but `declined-test-card`. */
export function createSimulatedProvider(): CardProvider {
  return {
    charge: async ({ paymentMethod }) =>
      paymentMethod === 'declined-test-card' ? undefined : `simulated-${randomUUID()}`,
  };
}
