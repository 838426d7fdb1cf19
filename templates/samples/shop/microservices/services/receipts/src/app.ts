import type { FastifyInstance } from 'fastify';
import type { Connection } from '#kit/connection';
import type { Database } from '#kit/database';
import { createHttp, type Health } from '#kit/http';
import { registerInbox } from '#kit/inbox';
import { registerTrace } from '#kit/trace';
import { handlers } from './handlers.ts';
import type { Mailer } from './mail.ts';
import { findUnsent, markSent } from './store.ts';
import { addWorker } from './worker.ts';

export interface AppConfig {
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly senders: ReadonlyMap<string, readonly string[]>;
  readonly mailer: Mailer;
}

/** @param connection of the same database, for the queue */
export async function createApp(
  config: AppConfig,
  database: Database,
  connection: Connection,
  health: Health,
): Promise<FastifyInstance> {
  const { senders, mailer } = config;
  const http = createHttp(config, health);
  registerTrace(http);
  registerInbox(http, { database, senders, handlers });
  addWorker(http, database, connection, async orderId => {
    const order = await findUnsent(database, orderId);
    if (!order) return;
    await mailer.send(order);
    await markSent(database, orderId);
  });
  return http;
}
