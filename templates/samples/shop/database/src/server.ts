import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase } from '#kit/database';
import { httpVariables } from '#kit/http';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig({
    ...httpVariables,
    // Settings of your own go here.
  });
  // Nothing is opened yet: the program starts without the database, and is unready until it comes.
  const database = openDatabase(readConfig(connectionVariables));
  const health = { draining: false, check: () => database.ping() };
  await serve(await createApp(config, database, health), config, health, () => database.close());
});
