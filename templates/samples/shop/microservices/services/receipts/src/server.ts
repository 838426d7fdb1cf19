import { loadEnvFile, readConfig, text } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase, poolVariables } from '#kit/database';
import { type Health, httpVariables } from '#kit/http';
import { readSenders } from '#kit/peers';
import { checkPoolBudget } from '#kit/pool-budget';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';
import { createMailer, mailUrl } from './mail.ts';
import { QUEUE_CONNECTIONS } from './queue-tables.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig({
    ...httpVariables,
    smtpUrl: { name: 'SMTP_URL', read: mailUrl },
    mailFrom: { name: 'MAIL_FROM', read: text },
  });
  const senders = readSenders(['orders']);
  const mailer = createMailer(config.smtpUrl, config.mailFrom);
  const pool = readConfig(poolVariables);
  const connection = readConfig(connectionVariables);
  // Nothing is opened yet: the program starts without the database, and is unready until it comes.
  const onError = (error: Error) => app.log.warn(error, 'an idle connection to the database broke');
  const database = openDatabase(connection, { max: pool.max, onError });
  const health: Health = {
    draining: false,
    check: async () => {
      throw new Error('the pool has not been checked against the database yet');
    },
  };
  const app = await createApp({ ...config, senders, mailer }, database, connection, health);
  await serve(app, config, health, async () => {
    mailer.close();
    await database.close();
  });
  await checkPoolBudget(database, { ...pool, max: pool.max + QUEUE_CONNECTIONS });
  health.check = () => database.ping();
});
