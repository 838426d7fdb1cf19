import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { messageTables } from '#kit/message-tables';
import { migrate, migrationVariables } from '#kit/migrate';
import { run } from '#kit/shutdown';

await run(async () => {
  loadEnvFile();
  await migrate({
    ...readConfig(migrationVariables),
    owner: readConfig(connectionVariables),
    modules: [messageTables, { schema: 'orders', folder: 'migrations/orders' }],
  });
});
