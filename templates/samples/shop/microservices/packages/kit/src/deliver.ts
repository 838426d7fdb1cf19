/** One attempt to hand one message to the service that it is for. */
import type { Breaker } from '#kit/breaker';
import { CONTENT_TYPE } from '#kit/messages';
import { signedHeaders } from '#kit/signature';

/** A peer that has not answered by then counts as down; the message stays and goes again. */
const DELIVERY_TIMEOUT_MS = 2_000;

/** Answers that no repetition changes: the message itself is wrong. Anything else may heal, and is tried again for ever. */
const HOPELESS = [400, 413, 415, 422];

export interface Peer {
  readonly name: string;
  /** Its origin, such as http://orders:3000. */
  readonly url: string;
  /** Signs what goes to it. */
  readonly key: string;
  readonly breaker: Breaker;
}

export type Delivery =
  | { readonly result: 'delivered' }
  | { readonly result: 'postponed' }
  | { readonly result: 'failed' | 'refused'; readonly error: string };

export interface Letter {
  readonly id: string;
  readonly body: string;
  readonly traceparent: string;
}

/** Never throws. `postponed` means that the peer was not asked at all: it is known to be down. */
export async function deliver(peer: Peer, letter: Letter): Promise<Delivery> {
  if (!peer.breaker.tryAcquire()) return { result: 'postponed' };
  try {
    const status = await post(peer, letter);
    if (status >= 500) peer.breaker.failed();
    else peer.breaker.succeeded();
    if (status >= 200 && status < 300) return { result: 'delivered' };
    return {
      result: HOPELESS.includes(status) ? 'refused' : 'failed',
      error: `${peer.name} answered ${status}`,
    };
  } catch (error) {
    peer.breaker.failed();
    return { result: 'failed', error: `${peer.name} cannot be reached: ${reason(error)}` };
  }
}

async function post(peer: Peer, { id, body, traceparent }: Letter): Promise<number> {
  const response = await fetch(`${peer.url}/inbox`, {
    method: 'POST',
    headers: { 'content-type': CONTENT_TYPE, traceparent, ...signedHeaders(peer.key, id, body) },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
  });
  // Unread answers keep their connection from being used again.
  await response.arrayBuffer();
  return response.status;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
