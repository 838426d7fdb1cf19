import type { KeyObject } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Database } from '#kit/database';
import type { Peer } from '#kit/deliver';
import { createHttp, type Health } from '#kit/http';
import { registerInbox } from '#kit/inbox';
import { createOutbox } from '#kit/outbox';
import { addRelay } from '#kit/relay';
import { createCurrentCustomer } from '#kit/session-token';
import { addSweep } from '#kit/sweep';
import { registerTrace } from '#kit/trace';
import { createHandlers } from './handlers.ts';
import { createPlaceOrder } from './place.ts';
import { orderRoutes } from './routes.ts';
import { createSaga } from './saga.ts';
import { createOrderStore } from './store.ts';

export interface AppConfig {
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly basePath: string;
  readonly sessionKey: KeyObject;
  /** How long stock and payment may take before the order is taken back. */
  readonly deadlineSeconds: number;
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
  const { sessionKey, deadlineSeconds, peers, senders } = config;
  const http = createHttp(config, health);
  registerTrace(http);
  const saga = createSaga(createOutbox('orders', peers.keys()));
  const relay = addRelay(http, relayDatabase, peers);
  addSweep(http, 'the deadline', () => database.transaction(saga.expire));
  registerInbox(http, { database, senders, handlers: createHandlers(saga), onHandled: relay.nudge });

  const place = createPlaceOrder({ transaction: work => database.transaction(work), saga, deadlineSeconds });
  await http.register(
    async shop => {
      orderRoutes(shop, {
        store: createOrderStore(database),
        place: async request => {
          const placed = await place(request);
          relay.nudge();
          return placed;
        },
        currentCustomer: createCurrentCustomer(sessionKey),
      });
    },
    { prefix: config.basePath },
  );
  return http;
}
