import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { expectStillThere, placeOrders } from '../../http/purchases.ts';
import { copiesOf, killAll, programServing, startAll } from '../../system/nodes.ts';

export const databaseSurvivesAppKill: Guarantee = {
  id: 'database.survives-app-kill',
  lines: ['C1'],
  title: 'orders and sessions survive kill -9 of the program',
  from: 'database',
  limitMs: 45_000,
  async check({ running, blueprint, shop }) {
    const purchase = await placeOrders(shop, 3);
    const keepers = new Set(['/sessions', '/orders'].map(prefix => programServing(blueprint, prefix)));
    const copies = [...keepers].flatMap(copiesOf);
    try {
      await killAll(running, copies);
    } finally {
      await startAll(running, copies);
    }
    shop.forget();
    const recoveredMs = await expectStillThere(shop, purchase);
    return kept(`3 orders and the session were there after ${copies.length} processes were killed`, {
      killed: copies.length,
      orders: 3,
      recoveredMs,
    });
  },
};
