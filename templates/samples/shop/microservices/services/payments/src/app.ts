import type { FastifyInstance } from 'fastify';
import type { Database } from '#kit/database';
import type { Peer } from '#kit/deliver';
import { createHttp, type Health } from '#kit/http';
import { registerInbox } from '#kit/inbox';
import { createOutbox } from '#kit/outbox';
import { addRelay } from '#kit/relay';
import { addSweep } from '#kit/sweep';
import { registerTrace } from '#kit/trace';
import { createHandlers } from './handlers.ts';
import type { CardProvider } from './provider.ts';
import { createPayments } from './store.ts';

export interface AppConfig {
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly provider: CardProvider;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly senders: ReadonlyMap<string, readonly string[]>;
}

/** @param relayDatabase the relay's own connections to the same database */
export async function createApp(
  config: AppConfig,
  database: Database,
  relayDatabase: Database,
  health: Health,
): Promise<FastifyInstance> {
  const { peers, senders, provider } = config;
  const http = createHttp(config, health);
  registerTrace(http);
  const payments = createPayments(database, createOutbox('payments', peers.keys()), provider);
  const relay = addRelay(http, relayDatabase, peers);
  const charging = addSweep(http, 'charging', async () => {
    const more = await payments.chargePending();
    relay.nudge();
    return more;
  });
  registerInbox(http, { database, senders, handlers: createHandlers(payments), onHandled: charging.nudge });
  return http;
}
