/** Runs the test files that it is given in one process and on one PostgreSQL: to start both for each file takes longer than the tests. */
import { resolve } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startServer } from '#kit/testing';

let stop = async () => {};
if (!process.env.TEST_POSTGRES_URL) {
  const server = await startServer();
  const { user, password, host, port } = server.admin;
  process.env.TEST_POSTGRES_URL = `postgres://${user}:${password}@${host}:${port}/postgres`;
  stop = server.stop;
}
for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href);
// Last, so that it runs after what the files themselves clean up.
after(() => stop());
