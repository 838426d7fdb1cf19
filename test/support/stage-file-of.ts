/** The stage file of the shop, as the templates write it. */
import type { StageFile } from '../../src/stage-file/stage-file.ts';

export const shopStageFile: StageFile = {
  programs: {
    app: { start: 'node --enable-source-maps dist/server.js', port: 3000, live: '/livez', ready: '/readyz' },
  },
  probes: {
    read: { get: '/products?limit=1', status: [200] },
    write: {
      method: 'POST',
      path: '/orders',
      as: 'customer',
      body: { items: [{ productId: 1, quantity: 1 }] },
      status: [201, 202],
      key: 'Idempotency-Key',
      readBack: '{location}',
    },
    logins: {
      customer: {
        path: '/sessions',
        body: { email: 'demo@shop.example', password: { secret: 'demo_password' } },
        status: [200, 201, 204],
        cookie: 'session',
      },
    },
  },
  database: { lock: 'products.products', counts: 'orders.orders' },
  notPromised: [],
};
