/** Refusals under load: each must be a 503 for a program to read that says when to come back. */
import { messageOf } from '../../errors.ts';
import { expect, expectProblem } from '../expect.ts';
import { describe, type HttpResponse } from '../http/client.ts';

export class Refusals {
  #count = 0;
  #unfair: string | undefined;

  get count(): number {
    return this.#count;
  }

  /** Looks at an answer and passes it on. */
  see(response: HttpResponse): HttpResponse {
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

function unfairness(response: HttpResponse): string | undefined {
  const { headers } = response;
  try {
    expectProblem(response, 503);
  } catch (error) {
    return messageOf(error);
  }
  return headers['retry-after'] ? undefined : `${describe(response)} without Retry-After`;
}
