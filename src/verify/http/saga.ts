/** What a customer can see of an order that several services work on. */

import { expectStatus } from '../expect.ts';
import type { ShopClient } from './client.ts';

export async function orderState(shop: ShopClient, cookie: string, id: string): Promise<string> {
  const response = await shop.get(`/orders/${id}`, { cookie });
  expectStatus(response, 200);
  return response.json<{ state: string }>().state;
}

/** How many of a product are left. */
export async function stockOf(shop: ShopClient, productId: number): Promise<number> {
  const response = await shop.get(`/products/${productId}`);
  expectStatus(response, 200);
  return response.json<{ available: number }>().available;
}

/** Whether `text` is anywhere in what a search for `query` gives its customer. */
export async function searchFinds(
  shop: ShopClient,
  cookie: string,
  query: string,
  text: string,
): Promise<boolean> {
  const response = await shop.get(`/search?q=${encodeURIComponent(query)}`, { cookie });
  expectStatus(response, 200);
  return response.text.includes(text);
}
