/** The relay sends what waits in the outbox, again and again until the receiver has it. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Database, Queries } from '#kit/database';
import { type Delivery, deliver, type Letter, type Peer } from '#kit/deliver';
import { addSweep, type Sweep } from '#kit/sweep';

/** The relay's own connections, apart from those for requests: it keeps rows locked while they are on their way. */
export const RELAY_CONNECTIONS = 2;

const BATCH = 20;
/** The pause after a failure doubles from half a second up to this, in seconds; the breaker spares a peer that is down. */
const LONGEST_PAUSE = 5;
const PRUNE_EVERY_MS = 3_600_000;

interface Row extends Letter {
  readonly destination: string;
}

/**
 * Adds the relay to a program.
 * @param database a pool of its own with RELAY_CONNECTIONS
 * @param peers the services that this one sends to, by name
 */
export function addRelay(http: FastifyInstance, database: Database, peers: ReadonlyMap<string, Peer>): Sweep {
  addSweep(http, 'pruning', () => database.transaction(pruned), PRUNE_EVERY_MS);
  return addSweep(http, 'the relay', () => database.transaction(tx => sendBatch(tx, peers, http.log)));
}

// The locks end with the process that holds them: another copy sends what a killed one had begun to send.
async function sendBatch(
  tx: Queries,
  peers: ReadonlyMap<string, Peer>,
  log: FastifyBaseLogger,
): Promise<boolean> {
  const awake = [...peers.values()].filter(peer => !peer.breaker.isOpen).map(peer => peer.name);
  const { rows } = await tx.query<Row>(
    `select id, destination, body, traceparent from messages.outbox
      where delivered_at is null and parked_at is null and next_at <= now() and destination = any($1)
      order by next_at limit ${BATCH} for update skip locked`,
    [awake],
  );
  const deliveries = await Promise.all(rows.map(row => sent(row, peers)));
  for (const [index, row] of rows.entries()) {
    const delivery = deliveries[index];
    if (delivery) await noted(tx, row, delivery, log);
  }
  return rows.length === BATCH;
}

async function sent(row: Row, peers: ReadonlyMap<string, Peer>): Promise<Delivery> {
  const peer = peers.get(row.destination);
  return peer ? await deliver(peer, row) : { result: 'postponed' };
}

async function noted(tx: Queries, row: Row, delivery: Delivery, log: FastifyBaseLogger): Promise<void> {
  if (delivery.result === 'postponed') return;
  if (delivery.result === 'delivered') {
    await tx.query('update messages.outbox set delivered_at = now(), last_error = null where id = $1', [
      row.id,
    ]);
    return;
  }
  if (delivery.result === 'refused') {
    log.error({ messageId: row.id }, `a message is parked: ${delivery.error}; "npm run outbox" lists it`);
    await tx.query('update messages.outbox set parked_at = now(), last_error = $2 where id = $1', [
      row.id,
      delivery.error,
    ]);
    return;
  }
  await tx.query(
    `update messages.outbox set attempts = attempts + 1, last_error = $2,
        next_at = now() + make_interval(secs => least($3, 0.5 * 2 ^ least(attempts, 10)) * (0.5 + random() / 2))
      where id = $1`,
    [row.id, delivery.error, LONGEST_PAUSE],
  );
}

async function pruned(tx: Queries): Promise<boolean> {
  await tx.query(`delete from messages.outbox where delivered_at < now() - interval '7 days'`);
  // Longer than any message can still be on its way: one that came again later would take effect twice.
  await tx.query(`delete from messages.inbox where received_at < now() - interval '30 days'`);
  return false;
}
