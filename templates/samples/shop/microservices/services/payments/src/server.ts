import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase, poolVariables } from '#kit/database';
import { type Health, httpVariables } from '#kit/http';
import { readPeers, readSenders } from '#kit/peers';
import { checkPoolBudget } from '#kit/pool-budget';
import { RELAY_CONNECTIONS } from '#kit/relay';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';
import { createSimulatedProvider } from './provider.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig(httpVariables);
  const peers = readPeers(['orders']);
  const senders = readSenders(['orders']);
  const provider = createSimulatedProvider();
  const pool = readConfig(poolVariables);
  const connection = readConfig(connectionVariables);
  // Nothing is opened yet: the program starts without the database, and is unready until it comes.
  const onError = (error: Error) => app.log.warn(error, 'an idle connection to the database broke');
  const database = openDatabase(connection, { max: pool.max, onError });
  const relayDatabase = openDatabase(connection, { max: RELAY_CONNECTIONS, onError });
  const health: Health = {
    draining: false,
    check: async () => {
      throw new Error('the pool has not been checked against the database yet');
    },
  };
  const app = await createApp({ ...config, peers, senders, provider }, database, relayDatabase, health);
  await serve(app, config, health, async () => {
    await Promise.all([database.close(), relayDatabase.close()]);
  });
  await checkPoolBudget(database, { ...pool, max: pool.max + RELAY_CONNECTIONS });
  health.check = () => database.ping();
});
