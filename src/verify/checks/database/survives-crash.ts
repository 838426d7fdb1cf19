import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { expectStillThere, placeOrders } from '../../http/purchases.ts';
import { postgresOf } from '../../system/nodes.ts';

export const databaseSurvivesCrash: Guarantee = {
  id: 'database.survives-crash',
  lines: ['C1'],
  title: 'orders and sessions survive a crash of PostgreSQL',
  from: 'database',
  limitMs: 45_000,
  async check({ running, blueprint, shop }) {
    const purchase = await placeOrders(shop, 5);
    await running.restart(postgresOf(blueprint).name);
    const recoveredMs = await expectStillThere(shop, purchase);
    return kept('5 orders and the session were there after crash recovery', { orders: 5, recoveredMs });
  },
};
