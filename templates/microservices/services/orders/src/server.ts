import { loadEnvFile, readConfig, wholeNumber } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase } from '#kit/database';
import { httpVariables } from '#kit/http';
import { readPeers, readSenders } from '#kit/peers';
import { publicKeyVariable } from '#kit/session-token';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig({
    ...httpVariables,
    sessionKey: publicKeyVariable,
    deadlineSeconds: { name: 'ORDER_DEADLINE_SECONDS', fallback: '900', read: wholeNumber(1, 86_400) },
  });
  const peers = readPeers(['shop', 'payments'], ['search', 'receipts']);
  const senders = readSenders(['shop', 'payments'], ['search']);
  const database = openDatabase(readConfig(connectionVariables));
  const relayDatabase = openDatabase(readConfig(connectionVariables));
  const health = { draining: false, check: () => database.ping() };
  const http = await createApp({ ...config, peers, senders }, database, relayDatabase, health);
  await serve(http, config, health, async () => {
    await Promise.all([database.close(), relayDatabase.close()]);
  });
});
