/** `npm run rebuild`: empties the index and asks those who own the data to send all of it. The running service does the rest. */
import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase } from '#kit/database';
import { createOutbox } from '#kit/outbox';
import { run } from '#kit/shutdown';
import { forgetAll } from './index-store.ts';

await run(async () => {
  loadEnvFile();
  const database = openDatabase(readConfig(connectionVariables));
  const outbox = createOutbox('search', ['shop', 'orders']);
  await database.transaction(async tx => {
    await forgetAll(tx);
    await outbox.emit(
      tx,
      { to: 'shop', type: 'shop.search.ProductsWanted.v1', subject: 'products', data: {} },
      { to: 'orders', type: 'shop.search.OrdersWanted.v1', subject: 'orders', data: {} },
    );
  });
  await database.close();
});
