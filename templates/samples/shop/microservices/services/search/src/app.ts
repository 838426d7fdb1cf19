import type { KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Database } from '#kit/database';
import type { Peer } from '#kit/deliver';
import { createHttp, type Health } from '#kit/http';
import { registerInbox } from '#kit/inbox';
import { addRelay } from '#kit/relay';
import { signedIn } from '#kit/session-token';
import { registerTrace } from '#kit/trace';
import { handlers } from './handlers.ts';
import { findOrders, findProducts } from './index-store.ts';
import { searchRoutes } from './routes.ts';

export interface AppConfig {
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly basePath: string;
  readonly sessionKey: KeyObject;
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
  const { peers, senders } = config;
  const http = createHttp(config, health);
  registerTrace(http);
  // The index itself tells nobody anything; what it asks for, when it is rebuilt, goes this way.
  addRelay(http, relayDatabase, peers);
  registerInbox(http, { database, senders, handlers });
  await http.register(
    async shop => {
      searchRoutes(shop, {
        findProducts: q => findProducts(database, q),
        findOrders: (customerId, q) => findOrders(database, customerId, q),
        signedIn: request => signedIn(config.sessionKey, request),
      });
    },
    { prefix: config.basePath },
  );
  return http;
}
