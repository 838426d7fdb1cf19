import { loadEnvFile, optionalSecretFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
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
    'orders',
    'payments',
    'products',
    'sessions',
    // And yours, with their migrations in migrations/<name>/.
  ];
  const migrations = await migrate({
    ...readConfig(migrationVariables),
    owner: readConfig(connectionVariables),
    modules: schemas.map(schema => ({ schema, folder: `migrations/${schema}` })),
    seed: async database => {
      if (demoPassword) await seedDemoCustomer(createSessionStore(database), demoPassword);
    },
  });
  const line = { level: 'info', time: new Date().toISOString(), migrations, msg: 'migrated' };
  process.stdout.write(`${JSON.stringify(line)}\n`);
});
