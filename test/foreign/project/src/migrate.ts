import { loadEnvFile, optionalSecretFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { migrate, migrationVariables } from '#kit/migrate';
import { run } from '#kit/shutdown';
import { seedEngineer } from './tokens/seed.ts';
import { createTokenStore } from './tokens/store.ts';

await run(async () => {
  loadEnvFile();
  const { passphrase } = readConfig({
    passphrase: { name: 'DEMO_PASSWORD_FILE', fallback: '', read: optionalSecretFile },
  });
  const migrations = await migrate({
    ...readConfig(migrationVariables),
    owner: readConfig(connectionVariables),
    modules: [{ schema: 'lab', folder: 'migrations/lab' }],
    seed: async database => {
      if (passphrase) await seedEngineer(createTokenStore(database), passphrase);
    },
  });
  const line = { level: 'info', time: new Date().toISOString(), migrations, msg: 'migrated' };
  process.stdout.write(`${JSON.stringify(line)}\n`);
});
