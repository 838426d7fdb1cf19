/** A run that lasts: the project's own secrets, and data that is there again the next time. */
import { existsSync, readdirSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Running, UpOptions } from '../../src/engines/engine.ts';
import { openKeptData } from '../../src/engines/native/data-folder.ts';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import type { EngineError } from '../../src/errors.ts';
import { getJson, PROJECT, smallBlueprint } from './support.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATA = join('.data', 'postgres', 'db');
const FROM_NOW_ON = { fresh: false };

let home: string;
let project: string;
let running: Running | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kept-data-'));
  // Where the tests run as root, PostgreSQL's account has to pass through.
  await chmod(home, 0o755);
  await symlink(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  project = join(home, 'project');
  await cp(PROJECT, project, { recursive: true });
});

afterEach(async () => {
  await running?.down();
  running = undefined;
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function up(options: Partial<UpOptions> = {}): Promise<Running> {
  running = await nativeEngine.up({
    directory: project,
    blueprint: smallBlueprint({ database: true }),
    onProgress: () => undefined,
    lasting: FROM_NOW_ON,
    ...options,
  });
  return running;
}

function failure(options: Partial<UpOptions> = {}): Promise<EngineError> {
  return up(options).then(
    () => {
      throw new Error('the run came up');
    },
    error => error as EngineError,
  );
}

const hit = async (run: Running) => (await getJson(run.frontDoor.port, '/hits')).hits;
const path = (...names: string[]) => join(project, ...names);
const open = () => openKeptData(project, 'db', false);

describe.runIf(process.platform !== 'win32')('data', () => {
  it('is there again after a stop in order, and after a crash; --fresh begins anew', async () => {
    const first = await up();
    expect(await hit(first)).toBe(1);
    await first.down();
    expect(readdirSync(path()).sort()).toEqual(
      ['.data', ...readdirSync(PROJECT), 'secrets']
        .filter((name, index, all) => all.indexOf(name) === index)
        .sort(),
    );
    // Also where the project's own .gitignore is older than this folder.
    expect(await readFile(path('.data', '.gitignore'), 'utf8')).toBe('*\n');

    const second = await up();
    expect(await hit(second)).toBe(2);
    expect((await second.logs('db')).join('\n')).toContain('database system was shut down at');
    await second.kill('db');
    await second.down();

    const third = await up();
    expect((await third.logs('db')).join('\n')).toContain('automatic recovery in progress');
    expect(await hit(third)).toBe(3);
    await third.down();

    expect(await hit(await up({ lasting: { fresh: true } }))).toBe(1);
  });

  it('is not touched by a run that does not last', async () => {
    const before = await stat(path(DATA, 'PG_VERSION'));
    const passing = await nativeEngine.up({
      directory: project,
      blueprint: smallBlueprint({ database: true }),
      onProgress: () => undefined,
    });
    try {
      expect(await hit(passing)).toBe(1);
      expect(await passing.secret('demo_password')).not.toBe(
        await readFile(path('secrets', 'demo_password'), 'utf8'),
      );
    } finally {
      await passing.down();
    }
    expect((await stat(path(DATA, 'PG_VERSION'))).mtimeMs).toBe(before.mtimeMs);
  });

  it('goes with the secrets of the project, which stay as they are', async () => {
    const secret = await readFile(path('secrets', 'db_admin_password'), 'utf8');
    const run = await up();
    expect(await run.secret('db_admin_password')).toBe(secret);
    expect(await run.secret('demo_password')).toBe(await readFile(path('secrets', 'demo_password'), 'utf8'));
    await run.down();
    expect(await readFile(path('secrets', 'db_admin_password'), 'utf8')).toBe(secret);

    await writeFile(path('secrets', 'db_admin_password'), 'another one');
    const began = performance.now();
    const error = await failure();
    expect(error.message).toBe(`the data in ${DATA} was made with another secrets/db_admin_password`);
    expect(error.hint).toContain('up --fresh');
    expect(performance.now() - began).toBeLessThan(15_000);
    await writeFile(path('secrets', 'db_admin_password'), secret);
  });

  it('of another major version is told apart', async () => {
    const version = await readFile(path(DATA, 'PG_VERSION'), 'utf8');
    await writeFile(path(DATA, 'PG_VERSION'), '9.6\n');
    const error = await failure();
    await writeFile(path(DATA, 'PG_VERSION'), version);
    expect(error.message).toMatch(/is of PostgreSQL 9, and this machine's is \d+$/);
    expect(error.hint).toContain('install PostgreSQL 9');
  });

  it('that another server has is left alone, also by --fresh', async () => {
    const run = await up();
    const pid = await run.pid('db');
    await expect(openKeptData(project, 'db', true)).rejects.toMatchObject({
      message: `another PostgreSQL (process ${pid}) has the data in ${DATA}`,
    });
    expect(await hit(run)).toBeGreaterThan(0);
  });

  it('with the lock of a server that is long gone is taken', async () => {
    await writeFile(path(DATA, 'postmaster.pid'), `${process.pid}\n${path(DATA)}\n`);
    expect(await hit(await up())).toBeGreaterThan(0);
  });

  it('half made by a start that was killed is made anew', async () => {
    await rename(path(DATA), path(`${DATA}.unfinished`));
    expect(await hit(await up())).toBe(1);
    expect(existsSync(path(`${DATA}.unfinished`))).toBe(false);
  });

  it.each([['.data'], ['.data/postgres'], [DATA]])('is not looked for behind a link: %s', async name => {
    const elsewhere = join(home, 'elsewhere');
    await mkdir(elsewhere);
    await rename(path('.data'), path('.kept'));
    try {
      await mkdir(join(path(name), '..'), { recursive: true });
      await symlink(elsewhere, path(name));
      for (const fresh of [false, true])
        await expect(openKeptData(project, 'db', fresh)).rejects.toThrow(`${path(name)} is a link`);
      expect(readdirSync(elsewhere)).toEqual([]);
    } finally {
      await rm(path('.data'), { recursive: true, force: true });
      await rename(path('.kept'), path('.data'));
      await rm(elsewhere, { recursive: true });
    }
  });

  it('is not mistaken for what somebody put there', async () => {
    await rename(path(DATA), path('.kept'));
    await mkdir(path(DATA));
    await writeFile(path(DATA, 'mine.txt'), '');
    await expect(open()).rejects.toThrow(`what is in ${DATA} is no database`);
    await rm(path(DATA), { recursive: true });
    await rename(path('.kept'), path(DATA));
    expect((await open()).owner).toBeDefined();
  });

  it.runIf(process.getuid?.() === 0)('is refused where PostgreSQL’s account cannot get to it', async () => {
    await chmod(home, 0o700);
    const error = await failure();
    await chmod(home, 0o755);
    expect(error).toMatchObject({ lacks: 'machine', message: expect.stringContaining(project) });
  });
});

it('tells which part ended first, how, and with which last words', async () => {
  const run = await up({ blueprint: smallBlueprint({ replicas: 2 }) });
  const end = run.firstEnd();
  const { port = 0 } = run.address('app', 1) ?? {};
  await getJson(port, '/crash').catch(() => undefined);
  expect(await end).toEqual({ node: 'app', copy: 1, exitCode: 7, logTail: [`listening on ${port}`] });
});
