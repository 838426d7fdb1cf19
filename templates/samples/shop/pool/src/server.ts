import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase, poolVariables } from '#kit/database';
import { type Health, httpVariables } from '#kit/http';
import { checkPoolBudget } from '#kit/pool-budget';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig({
    ...httpVariables,
    // Settings of your own go here.
  });
  const pool = readConfig(poolVariables);
  // Nothing is opened yet: the program starts without the database, and is unready until it comes.
  const database = openDatabase(readConfig(connectionVariables), {
    max: pool.max,
    onError: error => app.log.warn(error, 'an idle connection to the database broke'),
  });
  const health: Health = {
    draining: false,
    check: async () => {
      throw new Error('the pool has not been checked against the database yet');
    },
  };
  const app = await createApp(config, database, health);
  await serve(app, config, health, () => database.close());
  await checkPoolBudget(database, pool);
  health.check = () => database.ping();
});
