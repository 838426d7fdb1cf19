import { loadEnvFile, readConfig, text } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { openDatabase } from '#kit/database';
import { httpVariables } from '#kit/http';
import { readSenders } from '#kit/peers';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';
import { createMailer, mailUrl } from './mail.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig({
    ...httpVariables,
    smtpUrl: { name: 'SMTP_URL', read: mailUrl },
    mailFrom: { name: 'MAIL_FROM', read: text },
  });
  const senders = readSenders(['orders']);
  const connection = readConfig(connectionVariables);
  const database = openDatabase(connection);
  const mailer = createMailer(config.smtpUrl, config.mailFrom);
  const health = { draining: false, check: () => database.ping() };
  const http = await createApp({ ...config, senders, mailer }, database, connection, health);
  await serve(http, config, health, async () => {
    mailer.close();
    await database.close();
  });
});
