/** The outbox: messages are rows first, committed together with the change that they tell of, and sent afterwards. */
import { randomUUID } from 'node:crypto';
import type { Queries } from '#kit/database';
import type { Draft, Message } from '#kit/messages';
import { currentTraceparent } from '#kit/trace';

export interface Outbox {
  /** Writes messages in the caller's transaction. Those to a service that this shop runs without are left out. */
  emit(tx: Queries, ...drafts: readonly Draft[]): Promise<void>;
  /** Takes back what has not reached its receiver yet. */
  withdraw(tx: Queries, type: string, subject: string): Promise<void>;
}

/**
 * @param source the name of this service
 * @param destinations the services that it can send to
 */
export function createOutbox(source: string, destinations: Iterable<string>): Outbox {
  const known = new Set(destinations);
  return {
    async emit(tx, ...drafts) {
      for (const draft of drafts.filter(({ to }) => known.has(to))) {
        await insert(tx, draft.to, written(source, draft));
      }
    },
    async withdraw(tx, type, subject) {
      // Waits for one that is on its way just now: left alone, it would be sent again, and arrive after what takes it back.
      await tx.query(
        'delete from messages.outbox where type = $1 and subject = $2 and delivered_at is null',
        [type, subject],
      );
    },
  };
}

function written(source: string, { type, subject, data }: Draft): Message {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type,
    subject,
    time: new Date().toISOString(),
    traceparent: currentTraceparent(),
    datacontenttype: 'application/json',
    data,
  };
}

async function insert(tx: Queries, destination: string, message: Message): Promise<void> {
  await tx.query(
    `insert into messages.outbox (id, destination, type, subject, body, traceparent) values ($1, $2, $3, $4, $5, $6)`,
    [message.id, destination, message.type, message.subject, JSON.stringify(message), message.traceparent],
  );
}
