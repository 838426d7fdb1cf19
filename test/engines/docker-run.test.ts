/** The Docker engine on a real one: two small containers. What a generated project does on it, `verify --engine docker` shows. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundledProgramEsbuild } from '../../scripts/bundled-program.mjs';
import type { Blueprint } from '../../src/blueprint/blueprint.ts';
import { dockerEngine } from '../../src/engines/docker/engine.ts';
import { tunnelTo } from '../../src/engines/docker/tunnel.ts';
import type { Running, UpOptions } from '../../src/engines/engine.ts';
import { runSql } from '../../src/engines/sql.ts';
import type { EngineError } from '../../src/errors.ts';
import { type DockerThing, everythingInDocker, titleWithDocker, whyNoDocker } from '../support/docker.ts';
import { getJson, smallBlueprint } from './support.ts';

const IMAGES = ['node:24-slim', 'postgres:18'];

/** Nothing is pulled here: where the images are not, these tests cannot be run. */
const reason = whyNoDocker({ images: IMAGES });

const SERVER = `
const { HOST, PORT, FAIL_START, GREETING } = process.env;
if (FAIL_START) { console.error('cannot start: ' + FAIL_START); process.exit(3); }
const server = require('node:http').createServer((_, response) => response.end(JSON.stringify({ uid: process.getuid(), greeting: GREETING })));
server.listen(Number(PORT), HOST, () => console.log('listening'));
process.on('SIGTERM', () => { console.log('stopping'); setTimeout(() => process.exit(0), 300); });
`;
const SETUP = `
const { chmodSync, existsSync, mkdirSync, writeFileSync } = require('node:fs');
const folder = process.argv[3] ?? 'secrets';
mkdirSync(folder, { recursive: true });
for (const name of ['demo_password', 'db_admin_password']) {
  const file = folder + '/' + name;
  if (existsSync(file)) continue;
  writeFileSync(file, process.argv[3] ? 'a-secret-of-this-run' : 'a-secret-of-this-project');
  chmodSync(file, 0o444);
}
`;
const COMPOSE = `
name: never-this-one
services:
  db:
    image: postgres:18
    environment: { POSTGRES_PASSWORD_FILE: /run/secrets/db_admin_password }
    volumes: ["pgdata:/var/lib/postgresql"]
    init: true
    networks: [data]
    secrets: [db_admin_password]
    healthcheck: { test: [CMD, pg_isready, -q, -h, 127.0.0.1, -U, postgres], interval: 1s, retries: 30 }
  app:
    build: .
    user: "1000:1000"
    init: true
    restart: unless-stopped
    environment: { HOST: 0.0.0.0, PORT: "3000" }
    ports: ["\${PORT:-3000}:3000"]
    depends_on: { db: { condition: service_healthy } }
    healthcheck: { test: [CMD-SHELL, "node -e \\"fetch('http://127.0.0.1:3000').catch(()=>process.exit(1))\\""], interval: 1s, retries: 5 }
networks: { data: { internal: true } }
volumes: { pgdata: {} }
secrets: { db_admin_password: { file: ./secrets/db_admin_password } }
`;

function blueprint(): Blueprint {
  const random = (name: string) => ({ name, purpose: '', kind: 'random' }) as const;
  const [db] = smallBlueprint({ database: true }).nodes;
  const small = smallBlueprint();
  return {
    ...small,
    nodes: [...(db ? [db] : []), ...small.nodes],
    secrets: [random('demo_password'), random('db_admin_password')],
  };
}

/** Whatever bears this tool's names: each run gives one to its project, and with it to all that Compose makes. */
function leftovers(): DockerThing[] {
  return everythingInDocker('create-backend-stage-');
}

/** A container as Compose leaves it when its owner starts the project in its folder. @returns its id */
function startedByOwner(directory: string, service: string): string {
  const labels = [`project=owners`, `project.working_dir=${directory}`, `service=${service}`];
  const args = labels.flatMap(label => ['--label', `com.docker.compose.${label}`]);
  const command = ['run', '--detach', ...args, 'node:24-slim', 'sleep', '300'];
  return execFileSync('docker', command, { encoding: 'utf8' }).trim();
}

async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(50);
  }
}

describe.skipIf(reason !== undefined)(titleWithDocker('a project on Docker', reason), () => {
  let directory: string;
  let running: Running | undefined;
  let before: readonly DockerThing[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'docker-project-'));
    await mkdir(join(directory, 'scripts'));
    await writeFile(
      join(directory, 'scripts', 'setup.mjs'),
      `import { createRequire as makeRequire } from 'node:module';
const require = makeRequire(import.meta.url);${SETUP}`,
    );
    await writeFile(join(directory, 'server.cjs'), SERVER);
    await writeFile(join(directory, 'package-lock.json'), '{}');
    await writeFile(join(directory, 'compose.yaml'), COMPOSE);
    await writeFile(
      join(directory, 'Dockerfile'),
      'FROM node:24-slim\nCOPY server.cjs /\nCMD ["node", "/server.cjs"]\n',
    );
    before = leftovers();
  });

  afterEach(async () => {
    await running?.down();
    running = undefined;
    expect(leftovers()).toEqual(before);
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function up(options: Partial<UpOptions> = {}): Promise<Running> {
    running = await dockerEngine.up({
      directory,
      blueprint: blueprint(),
      onProgress: () => undefined,
      ...options,
    });
    return running;
  }

  it('is up under a name and on a port of its own, and does all that guarantees ask for', async () => {
    const said: string[] = [];
    const logged: string[] = [];
    const shop = await up({
      onProgress: line => said.push(line),
      onLog: (node, copy, line) => logged.push(`${node} ${copy} ${line}`),
      extraEnv: { app: { GREETING: 'hello' } },
    });
    expect(said.join('\n')).toMatch(/COPY server\.cjs/);
    const { port } = shop.frontDoor;
    expect(await getJson(port, '/')).toEqual({ uid: 1000, greeting: 'hello' });
    expect(await shop.secret('demo_password')).toBe('a-secret-of-this-run');
    await until('its lines come as they are printed', () => logged.includes('app 0 listening'), 5_000);

    const first = await shop.pid('app');
    expect(first).toBeGreaterThan(1);
    await shop.kill('app');
    expect(await shop.pid('app')).toBeUndefined();
    expect(await shop.exited('app', 0, 2_000)).toBeNull();
    await shop.kill('app');
    await shop.start('app');
    expect(await shop.pid('app')).not.toBe(first);

    await shop.terminate('app');
    expect(await shop.pid('app')).toBeDefined();
    await expect(shop.exited('app', 0, 50)).rejects.toThrow('still running');
    expect(await shop.exited('app', 0, 5_000)).toBe(0);
    // Docker must not bring it back by itself.
    await sleep(1_000);
    expect(await shop.pid('app')).toBeUndefined();
    await shop.start('app');
    expect(await shop.logs('app')).toEqual(['listening', 'listening', 'stopping', 'listening']);

    await shop.pause('app');
    const hung = getJson(port, '/');
    expect(await Promise.race([hung, sleep(700, 'hung')])).toBe('hung');
    await shop.resume('app');
    await shop.resume('app');
    expect(await hung).toMatchObject({ uid: 1000 });
    await shop.pause('app');
    await shop.kill('app');
    await shop.start('app');

    await shop.sql('postgres', 'create table kept (n int)', { as: 'admin' });
    await shop.restart('db');
    await shop.sql('postgres', 'insert into kept values (7)', { as: 'admin' });
    expect(
      await shop.sql('postgres', 'select n + $1::int as n from kept', { values: [1], as: 'admin' }),
    ).toEqual([{ n: 8 }]);
    await expect(shop.sql('postgres', 'select 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect((await shop.logs('db')).join('\n')).toMatch(/automatic recovery in progress/);

    expect(await shop.leftOver?.()).toEqual([]);
    const ids = ['app', 'door'].map(service => startedByOwner(directory, service));
    try {
      expect(await shop.leftOver?.()).toEqual([expect.stringMatching(/^\S+ \(service door\)$/)]);
    } finally {
      execFileSync('docker', ['rm', '--force', ...ids]);
    }
  }, 120_000);

  it('where it lasts, has the secrets of the project, and tells which container ended, and how', async () => {
    const shop = await up({ lasting: { fresh: false } });
    expect(await shop.secret('demo_password')).toBe('a-secret-of-this-project');
    expect(await shop.sql('postgres', 'select 1 as one', { as: 'admin' })).toEqual([{ one: 1 }]);
    const end = shop.firstEnd();
    await shop.terminate('app');
    expect(await end).toEqual({ node: 'app', copy: 0, exitCode: 0, logTail: ['listening', 'stopping'] });
  }, 60_000);

  it('reaches a database through its container where no address leads there', async () => {
    const shop = await up();
    const name = execFileSync('docker', ['ps', '--format', '{{.Names}}', '--filter', 'name=-db-1'], {
      encoding: 'utf8',
    });
    const launch = {
      command: 'docker',
      args: ['exec', '-i', name.trim()],
      cwd: '/',
      env: {},
      kind: 'other',
    } as const;
    const login = {
      database: 'postgres',
      user: 'postgres',
      password: await shop.secret('db_admin_password'),
    };
    const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
    const ask = tunnelTo({ ...launch, env }, 5432, endpoint =>
      runSql({ ...endpoint, ...login }, 'select 1 as one'),
    );
    expect(await ask).toEqual([{ one: 1 }]);
  }, 60_000);

  it('shows what the failing service printed, and is gone', async () => {
    const error = await up({ extraEnv: { app: { FAIL_START: 'no reason' } } }).catch(
      each => each as EngineError,
    );
    expect(error).toMatchObject({
      name: 'EngineError',
      message: expect.stringMatching(/^docker compose up failed: .*app/),
      logTail: ['cannot start: no reason'],
    });
    expect(leftovers()).toEqual(before);
  }, 60_000);

  it('a port that is taken, and a compose file that is none, are told in one line', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const taken = await up({ frontDoor: { port } }).catch(each => each as Error);
    holder.close();
    expect(String(taken)).toMatch(new RegExp(`port ${port} cannot be listened on`));
    const broken = await mkdtemp(join(tmpdir(), 'docker-project-'));
    try {
      await symlink(join(directory, 'scripts'), join(broken, 'scripts'));
      await writeFile(join(broken, 'package-lock.json'), '{}');
      await writeFile(join(broken, 'compose.yaml'), 'services: { app: { imag: x } }');
      const refused = await up({ directory: broken }).catch(each => each as Error);
      expect(String(refused)).toMatch(/docker compose build failed: .*imag/);
    } finally {
      await rm(broken, { recursive: true, force: true });
    }
  }, 60_000);

  it('can be called off while it starts', async () => {
    const stop = new AbortController();
    const said: string[] = [];
    const started = up({
      signal: stop.signal,
      onProgress: line => {
        said.push(line);
        if (/db-1\s+Start/.test(line)) stop.abort(new Error('called off'));
      },
    });
    await expect(started).rejects.toThrow('called off');
    expect(said.length).toBeGreaterThan(0);
    expect(leftovers()).toEqual(before);
  }, 60_000);

  describe.runIf(process.platform === 'linux')('when the tool ends', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    let tool: ChildProcess | undefined;

    beforeAll(async () => {
      await build({
        stdin: {
          contents: `import { dockerEngine } from './src/engines/docker/engine.ts';
            const [directory, blueprint] = process.argv.slice(2);
            await dockerEngine.up({ directory, blueprint: JSON.parse(blueprint), onProgress() {} });
            console.log('ready');
            setInterval(() => {}, 1000);`,
          resolveDir: root,
          loader: 'ts',
        },
        bundle: true,
        format: 'esm',
        platform: 'node',
        outfile: join(directory, 'tool.mjs'),
        external: ['packed-templates', 'pg-native'],
        plugins: [bundledProgramEsbuild()],
        banner: {
          js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
        },
        logLevel: 'error',
      });
      await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    }, 60_000);

    async function startTool(): Promise<void> {
      tool = spawn(process.execPath, [join(directory, 'tool.mjs'), directory, JSON.stringify(blueprint())], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      tool.stdout?.on('data', text => {
        output += text;
      });
      await until('ready', () => output.includes('ready'), 60_000);
    }

    it.each([
      ['SIGINT', 130],
      ['SIGKILL', null],
    ] as const)(
      'by %s, nothing is left',
      async (signal, code) => {
        await startTool();
        expect(leftovers().length).toBeGreaterThan(before.length);
        tool?.kill(signal);
        await until('gone', () => leftovers().length === before.length, 30_000);
        await until('ended', () => tool?.exitCode !== null || tool?.signalCode !== null, 5_000);
        expect(tool?.exitCode).toBe(code);
      },
      120_000,
    );
  });
});
