import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { messageTables } from '#kit/message-tables';
import { migrate, migrationVariables } from '#kit/migrate';
import { run } from '#kit/shutdown';
import { installQueue } from './queue-tables.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig(migrationVariables);
  const owner = readConfig(connectionVariables);
  await migrate({
    ...config,
    owner,
    modules: [messageTables, { schema: 'receipts', folder: 'migrations/receipts' }],
    seed: database => installQueue(database, owner, config.appRole),
  });
});
