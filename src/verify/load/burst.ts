/** Requests from many clients at once, each sending its next when the last was answered. */
import { messageOf } from '../../errors.ts';
import type { HttpResponse } from '../http/client.ts';

export interface Sample {
  /** When it was sent, in milliseconds since the load began. */
  readonly at: number;
  readonly ms: number;
  /** 0 where no answer came. */
  readonly status: number;
  readonly failure?: string;
  readonly response?: HttpResponse;
}

export interface LoadOptions {
  readonly clients: number;
  /** Asked before each request; the load ends when it says no. */
  readonly goOn: (sent: number) => boolean;
  /** Sends request number `index`, counted from 0 over all clients. */
  readonly send: (index: number) => Promise<HttpResponse>;
}

/** Runs a load to its end. A request that fails is a sample with status 0, never an exception. */
export async function load(options: LoadOptions): Promise<Sample[]> {
  const began = performance.now();
  const samples: Sample[] = [];
  let sent = 0;
  const client = async (): Promise<void> => {
    while (options.goOn(sent)) {
      const index = sent++;
      samples.push(await sample(began, () => options.send(index)));
    }
  };
  await Promise.all(Array.from({ length: options.clients }, client));
  return samples;
}

/** Sends `count` requests at the same moment. */
export function burst(count: number, send: (index: number) => Promise<HttpResponse>): Promise<Sample[]> {
  const began = performance.now();
  return Promise.all(Array.from({ length: count }, (_, index) => sample(began, () => send(index))));
}

async function sample(began: number, send: () => Promise<HttpResponse>): Promise<Sample> {
  const sentAt = performance.now();
  const at = sentAt - began;
  try {
    const response = await send();
    return { at, ms: response.ms, status: response.status, response };
  } catch (error) {
    return { at, ms: performance.now() - sentAt, status: 0, failure: messageOf(error) };
  }
}

/** `200 × 31, 503 × 9, failed × 2 (ECONNRESET)`: what a load was answered with. */
export function tally(samples: readonly Sample[]): string {
  const counts = new Map<string, number>();
  for (const { status } of samples) {
    const name = status === 0 ? 'failed' : String(status);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const failure = samples.find(each => each.failure)?.failure;
  const parts = [...counts].sort().map(([name, count]) => `${name} × ${count}`);
  return parts.join(', ') + (failure ? ` (${failure})` : '');
}

/** The longest answer, in whole milliseconds. */
export function worstMs(samples: readonly Sample[]): number {
  return Math.round(Math.max(0, ...samples.map(each => each.ms)));
}
