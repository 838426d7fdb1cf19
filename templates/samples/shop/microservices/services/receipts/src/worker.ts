/** The queue of receipts to send: graphile-worker's, in this service's own database. */
import { EventEmitter } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { Logger, type Runner, run, type WorkerEvents } from 'graphile-worker';
import { type Connection, clientConfig } from '#kit/connection';
import type { Database, Queries } from '#kit/database';
import { addSweep } from '#kit/sweep';
import { openQueue, QUEUE_CONNECTIONS } from './queue-tables.ts';

const TASK = 'send_receipt';
/** Receipts that one copy of this program sends at the same time. */
const WORKERS = 2;
const HEARTBEAT_MS = 5_000;
/** Who was not seen for so long is dead, and its jobs go to another. Several heartbeats long, in seconds. */
const DEAD_AFTER_SECONDS = 30;

/** Queues the receipt in the caller's transaction. The key keeps it to one job per order. */
export async function enqueueReceipt(tx: Queries, orderId: string): Promise<void> {
  await tx.query(
    `select graphile_worker.add_job($1, json_build_object('orderId', $2::text), job_key => $2)`,
    [TASK, orderId],
  );
}

/**
 * Has the program work on the queue. What fails is tried again, with growing pauses: graphile-worker's own, 25 attempts over
 * about three days.
 * @param connection to the database with the queue
 */
export function addWorker(
  http: FastifyInstance,
  database: Database,
  connection: Connection,
  sendReceipt: (orderId: string) => Promise<void>,
): void {
  const queue = openQueue(clientConfig(connection), QUEUE_CONNECTIONS);
  // Jobs are locked in the name of the worker pool, which makes one up each time it starts.
  let name = '';
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => {
    name = workerPool.id;
  });
  let runner: Runner | undefined;
  let closing = false;

  async function start(): Promise<Runner> {
    const started = await run({
      pgPool: queue,
      events,
      concurrency: WORKERS,
      noHandleSignals: true,
      // By default nobody waits for the note that a job has ended: where the database is away just then, it ends the program.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      logger: new Logger(() => (level, message) => {
        if (level === 'error' || level === 'warning') http.log.warn(message);
      }),
      taskList: { [TASK]: payload => sendReceipt((payload as { orderId: string }).orderId) },
    });
    // It gives up when the database is away for long; the next heartbeat starts another.
    started.promise
      .catch((error: Error) => http.log.warn(error))
      .finally(() => {
        runner = undefined;
      });
    return started;
  }

  async function beat(): Promise<boolean> {
    if (!closing) runner ??= await start();
    await noteAlive(database, name);
    await freeJobsOfTheDead(database);
    return false;
  }

  addSweep(http, 'the queue', beat, HEARTBEAT_MS);
  http.addHook('onClose', async () => {
    closing = true;
    await runner?.stop();
    await queue.end();
  });
}

async function noteAlive(database: Database, name: string): Promise<void> {
  await database.query(
    'insert into receipts.workers (id) values ($1) on conflict (id) do update set seen_at = now()',
    [name],
  );
  await database.query(`delete from receipts.workers where seen_at < now() - interval '1 day'`);
}

// graphile-worker leaves the job of a killed program locked for four hours; nobody waits that long for a receipt.
async function freeJobsOfTheDead(database: Database): Promise<void> {
  await database.query(
    `select graphile_worker.force_unlock_workers(array_agg(distinct locked_by)) from graphile_worker.jobs
      where locked_at < now() - make_interval(secs => $1) and locked_by not in (
        select id from receipts.workers where seen_at > now() - make_interval(secs => $1))`,
    [DEAD_AFTER_SECONDS],
  );
}
