import { Problem } from '#kit/problem';
import type { CardProvider, Charge } from './provider.ts';

/** Takes the money for an order. @throws Problem 402 when the card is declined. */
export async function charge(provider: CardProvider, order: Charge): Promise<void> {
  const reference = await provider.charge(order);
  if (!reference) throw new Problem(402, 'The card was declined; nothing was taken.');
}
