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
import { sessionRoutes } from './sessions/routes.ts';
import { createCurrentCustomer } from './sessions/signed-in.ts';
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
  const provider = createSimulatedProvider();
  const orders = createOrderStore(database);
  const products = createProductStore(database);
  const sessions = createSessionStore(database);
  const http = createHttp(config, health);
  // Stores of modules of your own go here, their routes below.

  const place = createPlaceOrder({
    transaction: work => database.transaction(work),
    takeStock: (tx, items) => createProductStore(tx).take(items),
    charge: (tx, order) => charge(tx, provider, order),
  });
  const currentCustomer = createCurrentCustomer(sessions);
  await http.register(async shop => orderRoutes(shop, { store: orders, place, currentCustomer }), {
    prefix: config.basePath,
  });

  await http.register(
    async shop => {
      productRoutes(shop, { store: products });
      sessionRoutes(shop, {
        store: sessions,
        cookieSecure: config.cookieSecure,
      });
    },
    { prefix: config.basePath },
  );
  return http;
}
