import { loadEnvFile, optionalSecretFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { messageTables } from '#kit/message-tables';
import { migrate, migrationVariables } from '#kit/migrate';
import { run } from '#kit/shutdown';
import { seedDemoCustomer } from './sessions/demo.ts';
import { createSessionStore } from './sessions/store.ts';

await run(async () => {
  loadEnvFile();
  const { demoPassword } = readConfig({
    demoPassword: { name: 'DEMO_PASSWORD_FILE', fallback: '', read: optionalSecretFile },
  });
  await migrate({
    ...readConfig(migrationVariables),
    owner: readConfig(connectionVariables),
    modules: [
      messageTables,
      ...['products', 'sessions'].map(schema => ({ schema, folder: `migrations/${schema}` })),
    ],
    seed: async database => {
      if (demoPassword) await seedDemoCustomer(createSessionStore(database), demoPassword);
    },
  });
});
