/** Starts one PostgreSQL for all test files that it is given, and Node's own test runner: a server for each file would take longer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startServer } from '#kit/testing';

const server = process.env.TEST_POSTGRES_URL ? undefined : await startServer();
if (server) {
  const { user, password, host, port } = server.admin;
  process.env.TEST_POSTGRES_URL = `postgres://${user}:${password}@${host}:${port}/postgres`;
}
// Ctrl-C reaches the tests as well; this process waits for them, and then stops the server.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
const runner = spawn(process.execPath, ['--enable-source-maps', '--test', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
const [code] = await once(runner, 'exit');
await server?.stop();
process.exitCode = code ?? 1;
