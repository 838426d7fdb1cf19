import { loadEnvFile, optionalSecretFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { messageTables } from '#kit/message-tables';
import { migrate, migrationVariables } from '#kit/migrate';
import { run } from '#kit/shutdown';
import { seedDemoCustomer } from './sessions/seed.ts';
import { createSessionStore } from './sessions/store.ts';

await run(async () => {
  loadEnvFile();
  const { demoPassword } = readConfig({
    demoPassword: { name: 'DEMO_PASSWORD_FILE', fallback: '', read: optionalSecretFile },
  });
  const schemas = [
    'products',
    'sessions',
    // And yours, with their migrations in migrations/<name>/.
  ];
  await migrate({
    ...readConfig(migrationVariables),
    owner: readConfig(connectionVariables),
    modules: [messageTables, ...schemas.map(schema => ({ schema, folder: `migrations/${schema}` }))],
    seed: async database => {
      if (demoPassword) await seedDemoCustomer(createSessionStore(database), demoPassword);
    },
  });
});
