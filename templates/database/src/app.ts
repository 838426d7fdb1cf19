/** The only place where the modules meet: each gets what it needs of the others as functions. */
import type { FastifyInstance } from 'fastify';
import type { Database } from '#kit/database';
import { createHttp, type Health } from '#kit/http';
import { createPlaceOrder } from './orders/place.ts';
import { orderRoutes } from './orders/routes.ts';
import { createOrderStore } from './orders/store.ts';
import { charge } from './payments/charge.ts';
import { createSimulatedProvider } from './payments/provider.ts';
import { productRoutes } from './products/routes.ts';
import { createProductStore } from './products/store.ts';
import { createCurrentCustomer, sessionRoutes } from './sessions/routes.ts';
import { createSessionStore } from './sessions/store.ts';

export interface AppConfig {
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly basePath: string;
  readonly cookieSecure: boolean;
}

export async function createApp(
  config: AppConfig,
  database: Database,
  health: Health,
): Promise<FastifyInstance> {
  const products = createProductStore(database);
  const sessions = createSessionStore(database);
  const orders = createOrderStore(database);
  const provider = createSimulatedProvider();

  const place = createPlaceOrder({
    transaction: work => database.transaction(work),
    takeStock: (tx, items) => createProductStore(tx).take(items),
    charge: (tx, order) => charge(tx, provider, order),
  });

  const http = createHttp(config, health);
  await http.register(
    async shop => {
      productRoutes(shop, { store: products });
      sessionRoutes(shop, { store: sessions, cookieSecure: config.cookieSecure });
      orderRoutes(shop, { store: orders, place, currentCustomer: createCurrentCustomer(sessions) });
    },
    { prefix: config.basePath },
  );
  return http;
}
