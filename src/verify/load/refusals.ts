/** Refusals under load: each must be a 503 in the shop's own form that says when to come back. */

import { expect } from '../expect.ts';
import { describe, type ShopResponse } from '../http/client.ts';

export class Refusals {
  #count = 0;
  #unfair: string | undefined;

  get count(): number {
    return this.#count;
  }

  /** Looks at an answer and passes it on. */
  see(response: ShopResponse): ShopResponse {
    if (response.status === 503) {
      this.#count++;
      this.#unfair ??= unfairness(response);
    }
    return response;
  }

  /** @throws Broken for the first 503 that was not as it should be */
  expectFair(): void {
    expect(this.#unfair === undefined, this.#unfair ?? '');
  }
}

function unfairness(response: ShopResponse): string | undefined {
  const { headers } = response;
  if (!headers['content-type']?.startsWith('application/problem+json'))
    return `${describe(response)} as ${headers['content-type'] ?? 'no content type'}, not as application/problem+json`;
  return headers['retry-after'] ? undefined : `${describe(response)} without Retry-After`;
}
