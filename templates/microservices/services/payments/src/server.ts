import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase } from '#kit/database';
import { httpVariables } from '#kit/http';
import { readPeers, readSenders } from '#kit/peers';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';
import { createSimulatedProvider } from './provider.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig(httpVariables);
  const messages = { peers: readPeers(['orders']), senders: readSenders(['orders']) };
  const database = openDatabase(readConfig(connectionVariables));
  const relayDatabase = openDatabase(readConfig(connectionVariables));
  const health = { draining: false, check: () => database.ping() };
  const provider = createSimulatedProvider();
  const http = await createApp({ ...config, ...messages, provider }, database, relayDatabase, health);
  await serve(http, config, health, async () => {
    await Promise.all([database.close(), relayDatabase.close()]);
  });
});
