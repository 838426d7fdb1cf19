import { loadEnvFile, optionalSecretFile, readConfig } from '#kit/config';
import { httpVariables } from '#kit/http';
import { run, serve } from '#kit/shutdown';
import { createApp } from './app.ts';

await run(async () => {
  loadEnvFile();
  const config = readConfig({
    demoPassword: { name: 'DEMO_PASSWORD_FILE', fallback: '', read: optionalSecretFile },
    ...httpVariables,
    // Settings of your own go here.
  });
  const health = { draining: false, check: async () => {} };
  await serve(await createApp(config, health), config, health);
});
