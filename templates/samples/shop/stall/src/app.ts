/** The only place where the modules meet: each gets what it needs of the others as functions. */
import type { FastifyInstance } from 'fastify';
import { createHttp, type Health } from '#kit/http';
import { createPlaceOrder } from './orders/place.ts';
import { orderRoutes } from './orders/routes.ts';
import { createOrderStore } from './orders/store.ts';
import { charge } from './payments/charge.ts';
import { createSimulatedProvider } from './payments/provider.ts';
import { productRoutes } from './products/routes.ts';
import { createProductStore } from './products/store.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { seedDemoCustomer } from './sessions/seed.ts';
import { createCurrentCustomer } from './sessions/signed-in.ts';
import { createSessionStore } from './sessions/store.ts';

export interface AppConfig {
  /** Without it there is no demo customer. */
  readonly demoPassword: string | undefined;
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly basePath: string;
  readonly cookieSecure: boolean;
}

export async function createApp(config: AppConfig, health: Health): Promise<FastifyInstance> {
  const provider = createSimulatedProvider();
  const orders = createOrderStore();
  const products = createProductStore();
  const sessions = createSessionStore();
  const http = createHttp(config, health);
  // Stores of modules of your own go here, their routes below.

  if (config.demoPassword) await seedDemoCustomer(sessions, config.demoPassword);
  const place = createPlaceOrder({
    store: orders,
    takeStock: items => products.take(items),
    putBackStock: items => products.putBack(items),
    charge: order => charge(provider, order),
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
