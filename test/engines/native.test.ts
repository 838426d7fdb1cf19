import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Running, UpOptions } from '../../src/engines/engine.ts';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import type { EngineError } from '../../src/errors.ts';
import { getJson, PROJECT, processesMentioning, sharedMemoryOf, smallBlueprint } from './support.ts';

const POSIX = process.platform !== 'win32';
const LINUX = process.platform === 'linux';

const SYSTEM_TMP = tmpdir();
let folder: string;
let running: Running | undefined;
const previousTmp = process.env.TMPDIR;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-test-'));
  await chmod(folder, 0o755);
  process.env.TMPDIR = folder;
});

afterEach(async () => {
  await running?.down();
  running = undefined;
  expect(leftovers()).toEqual([]);
});

afterAll(async () => {
  if (previousTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = previousTmp;
  await rm(folder, { recursive: true, force: true });
});

/** Files and processes of runs: each run directory lies in `folder`, and its processes have the folder in their environment. */
function leftovers(): string[] {
  const processes = LINUX
    ? processesMentioning(folder).filter(line => !line.startsWith(`${process.pid} `))
    : [];
  return [...readdirSync(folder), ...processes.filter(line => !line.includes('vitest'))];
}

async function up(options: Partial<UpOptions> = {}): Promise<Running> {
  running = await nativeEngine.up({
    directory: PROJECT,
    blueprint: smallBlueprint(),
    onProgress: () => undefined,
    ...options,
  });
  return running;
}

async function failure(options: Partial<UpOptions>): Promise<EngineError> {
  return up(options).then(
    () => {
      throw new Error('the run came up');
    },
    error => error as EngineError,
  );
}

describe.runIf(POSIX)('programs', () => {
  it('answers on a free loopback port, with an environment of its own', async () => {
    process.env.STRAY_VARIABLE = 'of the user';
    const run = await up({ extraEnv: { app: { ADDED: 'yes' } } });
    delete process.env.STRAY_VARIABLE;
    const { environment, port } = (await getJson(run.frontDoor.port, '/')) as {
      environment: string[];
      port: number;
    };
    expect(port).toBe(run.frontDoor.port);
    expect(environment).toContain('ADDED');
    expect(environment).not.toContain('STRAY_VARIABLE');
    expect(run.frontDoor).toEqual({ scheme: 'http', host: '127.0.0.1', port });
    expect(run.address('app')).toEqual({ host: '127.0.0.1', port });
    expect(await run.logs('app')).toContain(`listening on ${port}`);
  });

  it('gives each copy its own port, and tells them apart', async () => {
    const lines: string[] = [];
    const run = await up({
      blueprint: smallBlueprint({ replicas: 3 }),
      onLog: (node, copy, line) => lines.push(`${node} ${copy} ${line}`),
    });
    const ports = [0, 1, 2].map(copy => run.address('app', copy)?.port);
    expect(new Set(ports).size).toBe(3);
    expect(lines).toContain(`app 2 listening on ${ports[2]}`);
    expect(await run.logs('app')).toHaveLength(3);
    expect(() => run.address('app', 3)).not.toThrow();
    expect(run.address('app', 3)).toBeUndefined();
  });

  it('keeps a killed copy down until it is started again', async () => {
    const run = await up();
    const before = await run.pid('app');
    await run.kill('app');
    expect(await run.pid('app')).toBeUndefined();
    expect(await run.exited('app', 0, 100)).toBeNull();
    await expect(getJson(run.frontDoor.port, '/')).rejects.toThrow();
    await run.start('app');
    expect((await getJson(run.frontDoor.port, '/')).pid).not.toBe(before);
  });

  it('tells how a copy ended: asked to, or by itself', async () => {
    const run = await up();
    await expect(run.exited('app', 0, 50)).rejects.toThrow('still running');
    await run.terminate('app');
    expect(await run.exited('app', 0, 2_000)).toBe(0);
    await run.start('app');
    await getJson(run.frontDoor.port, '/crash').catch(() => undefined);
    expect(await run.exited('app', 0, 2_000)).toBe(7);
    expect(await run.pid('app')).toBeUndefined();
  });

  it('hangs and wakes a copy', async () => {
    const run = await up();
    await run.pause('app');
    const answer = getJson(run.frontDoor.port, '/');
    const winner = await Promise.race([answer, new Promise(resolve => setTimeout(resolve, 300, 'hung'))]);
    expect(winner).toBe('hung');
    await run.resume('app');
    expect(await answer).toHaveProperty('pid');
  });

  it('takes a paused and a slowly draining copy down in seconds', async () => {
    const run = await up({
      blueprint: smallBlueprint({ replicas: 2 }),
      extraEnv: { app: { DRAIN_SECONDS: '20' } },
    });
    await run.pause('app', 1);
    const began = performance.now();
    await Promise.all([run.down(), run.down()]);
    await run.down();
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe.runIf(POSIX)('a start that fails', () => {
  it('says what the program printed and leaves nothing', async () => {
    const error = await failure({ extraEnv: { app: { FAIL_START: 'no soup today' } } });
    expect(error.message).toBe('app ended with exit code 1 before it answered');
    expect(error.logTail).toContain('cannot start: no soup today');
  });

  it('starts nothing behind a failed job', async () => {
    const error = await failure({
      blueprint: smallBlueprint({ database: true }),
      extraEnv: { migrate: { FAIL_MIGRATION: '1' } },
    });
    expect(error.message).toBe('migrate ended with exit code 3');
    expect(error.logTail).toContain('migration 0007 is broken on purpose');
  });

  it('tries once more where a port was taken', async () => {
    const mark = join(SYSTEM_TMP, `engine-test-failed-once-${process.pid}`);
    const run = await up({ extraEnv: { app: { FAIL_ONCE: mark } } });
    await rm(mark);
    expect(await run.logs('app')).toEqual(
      expect.arrayContaining([expect.stringContaining('EADDRINUSE'), expect.stringContaining('listening')]),
    );
  });

  it('refuses a front door that something else holds', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const error = await failure({ frontDoor: { port } });
    other.close();
    expect(error.message).toContain(`port ${port} cannot be listened on`);
    expect(error.hint).toContain('--port');
  });

  it('ends early on an abort, with its reason', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('enough')), 250);
    const error = await failure({ blueprint: smallBlueprint({ database: true }), signal: abort.signal });
    expect(error.message).toBe('enough');
  });

  it('names a project without its setup script', async () => {
    const error = await failure({ directory: folder });
    expect(error.message).toContain('scripts/setup.mjs');
  });
});

describe.runIf(POSIX)('PostgreSQL', () => {
  it('migrates, serves its roles, and recovers from kill -9 and from a crash', async () => {
    const began = performance.now();
    const run = await up({ blueprint: smallBlueprint({ database: true }) });
    console.log(`program, migration and PostgreSQL up in ${Math.round(performance.now() - began)} ms`);
    expect((await getJson(run.frontDoor.port, '/hits')).hits).toBe(1);

    expect(await run.sql('shop', 'select current_user as name')).toEqual([{ name: 'postgres' }]);
    expect(await run.sql('shop', 'select current_user as name', { as: 'owner' })).toEqual([
      { name: 'shop_owner' },
    ]);
    expect(await run.sql('shop', 'select $1::int as one', { values: [1], as: 'app' })).toEqual([{ one: 1 }]);
    await expect(run.sql('shop', 'drop table hits', { as: 'app' })).rejects.toMatchObject({ code: '42501' });
    expect(await run.sql('postgres', 'show max_connections')).toEqual([{ max_connections: '30' }]);
    expect(await run.secret('demo_password')).toMatch(/^[0-9a-f]{32}$/);

    await run.kill('db');
    expect(await run.pid('db')).toBeUndefined();
    await run.start('db');
    expect((await getJson(run.frontDoor.port, '/hits')).hits).toBe(2);
    await run.restart('db');
    expect((await getJson(run.frontDoor.port, '/hits')).hits).toBe(3);

    const last = await run.pid('db');
    if (LINUX) expect(sharedMemoryOf(last)).toHaveLength(1);
    await run.kill('db');
    await run.down();
    if (LINUX) expect(sharedMemoryOf(last)).toEqual([]);
  });
});

describe.runIf(POSIX)('mail', () => {
  it('is received over SMTP and kept', async () => {
    const run = await up({ blueprint: smallBlueprint({ mail: true }) });
    const { port = 0 } = run.address('mail') ?? {};
    await sendMail(port, 'Subject: receipt\r\n\r\nThank you.');
    const [mail] = await run.mails();
    expect(mail).toMatchObject({ from: 'shop@shop.example', to: ['demo@shop.example'] });
    expect(mail?.raw).toContain('Subject: receipt\r\n\r\nThank you.');
    await run.kill('mail');
    await expect(sendMail(port, '')).rejects.toThrow('ECONNREFUSED');
    await run.start('mail');
    await sendMail(port, 'again');
    expect(await run.mails()).toHaveLength(2);
  });
});

function sendMail(port: number, text: string): Promise<void> {
  const steps = [
    'EHLO test',
    'MAIL FROM:<shop@shop.example>',
    'RCPT TO:<demo@shop.example>',
    'DATA',
    `${text}\r\n.`,
    'QUIT',
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.on('data', answer => {
      if (!/^\d{3} /m.test(answer.toString())) return;
      const next = steps.shift();
      if (next === undefined) resolve(void socket.end());
      else socket.write(`${next}\r\n`);
    });
  });
}

it.runIf(POSIX)('knows what is missing on this machine', async () => {
  expect(await nativeEngine.available(smallBlueprint())).toEqual({ available: true });
  expect(existsSync(PROJECT)).toBe(true);
});
