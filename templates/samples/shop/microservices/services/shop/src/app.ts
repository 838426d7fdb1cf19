/** The only place where the modules meet: each gets what it needs of the others as functions. */
import type { KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Database } from '#kit/database';
import type { Peer } from '#kit/deliver';
import { createHttp, type Health } from '#kit/http';
import { registerInbox } from '#kit/inbox';
import { createOutbox } from '#kit/outbox';
import { addRelay } from '#kit/relay';
import { signToken } from '#kit/session-token';
import { addSweep } from '#kit/sweep';
import { registerTrace } from '#kit/trace';
import { createHandlers } from './handlers.ts';
import { publishChanges } from './products/changes.ts';
import { createReservations } from './products/reservations.ts';
import { productRoutes } from './products/routes.ts';
import { createProductStore } from './products/store.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { createSessionStore } from './sessions/store.ts';

export interface AppConfig {
  readonly sessionKey: KeyObject;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly senders: ReadonlyMap<string, readonly string[]>;
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly basePath: string;
  readonly cookieSecure: boolean;
}

/** @param relayDatabase the relay's own connections to the same database */
export async function createApp(
  config: AppConfig,
  database: Database,
  relayDatabase: Database,
  health: Health,
): Promise<FastifyInstance> {
  const { sessionKey, peers, senders } = config;
  const outbox = createOutbox('shop', peers.keys());
  const products = createProductStore(database);
  const sessions = createSessionStore(database);
  const http = createHttp(config, health);
  // Stores of modules of your own go here, their routes below.

  registerTrace(http);
  const relay = addRelay(http, relayDatabase, peers);
  if (peers.has('search')) {
    addSweep(http, 'publishing', () => database.transaction(tx => publishChanges(tx, outbox)));
  }
  const handlers = createHandlers(createReservations(outbox));
  registerInbox(http, { database, senders, handlers, onHandled: relay.nudge });

  await http.register(
    async shop => {
      productRoutes(shop, { store: products });
      sessionRoutes(shop, {
        store: sessions,
        cookieSecure: config.cookieSecure,
        newToken: (customer, expiresAt) => signToken(sessionKey, customer, expiresAt),
      });
    },
    { prefix: config.basePath },
  );
  return http;
}
