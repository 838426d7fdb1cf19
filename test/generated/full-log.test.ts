/** A log that cannot be written, as on a full disk, must cost lines and nothing else: whoever serves requests goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { renderProxyConfig } from '../../src/plan/proxies.ts';
import type { ProxyTarget } from '../../src/plan/target.ts';
import { freePort } from '../support/free-port.ts';
import { defaultAnswers, installedProject, writeProject } from '../support/generated-project.ts';
import { haproxy, nativeTarget, nginx } from '../support/native-target.ts';

/** Takes nothing: every write fails with ENOSPC. Only Linux has it. */
const FULL = '/dev/full';
const REQUESTS = 50;
const UP_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;

/** Answers each request, and dies of the first line of its log that is lost. */
const CARELESS = `require('node:http').createServer((_request, response) => {
  process.stdout.write('a line\\n');
  response.writeHead(503).end();
}).listen(Number(process.env.PORT), '127.0.0.1');`;

describe.skipIf(!existsSync(FULL))('with a log that is full', () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'create-backend-stage-test-'));
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'run'));
  });

  afterEach(async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise(resolve => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Starts a program that has nowhere to write to. */
  async function start(command: string, args: readonly string[], cwd: string, env: object = {}) {
    const full = await open(FULL, 'w');
    const stdio = ['ignore', full.fd, full.fd] as const;
    child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: [...stdio] });
    await full.close();
    return child;
  }

  test('a program that does not mind its log dies of it', async () => {
    const port = await freePort();
    const careless = await start(process.execPath, ['-e', CARELESS], folder, { PORT: String(port) });
    const ended = new Promise(resolve => careless.once('exit', resolve));
    await firstAnswer(`http://127.0.0.1:${port}/`);
    expect(await ended).not.toBe(0);
  });

  test('a generated program answers, and ends in order', { timeout: 120_000 }, async () => {
    const project = await installedProject(defaultAnswers('database'));
    try {
      await execa('npm', ['run', 'build'], { cwd: project });
      const port = await freePort();
      // Without its database every answer is a 503, and each of these is a line in the log.
      const program = await start(process.execPath, ['dist/server.js'], project, {
        PORT: String(port),
        PGHOST: '127.0.0.1',
        PGPORT: '1',
        PGDATABASE: 'shop',
        PGUSER: 'shop_app',
        PGPASSWORD_FILE: 'secrets/db_app_password',
      });
      await expectAnswers(`http://127.0.0.1:${port}/products`);
      expect(program.exitCode).toBe(null);
      const ended = new Promise(resolve => program.once('exit', resolve));
      program.kill('SIGTERM');
      expect(await ended).toBe(0);
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  });

  test('HAProxy answers', async () => {
    const port = await freePort();
    const config = await written('haproxy', { listen: `127.0.0.1:${port}` });
    const proxy = await start(haproxy, ['-db', '-f', config], folder);
    await expectAnswers(`http://127.0.0.1:${port}/products`);
    expect(proxy.exitCode).toBe(null);
  });

  test('nginx answers', async () => {
    const [plain, secure] = [await freePort(), await freePort()];
    const project = await writeProject(defaultAnswers('nginx'));
    try {
      const config = await written(
        'nginx',
        {
          http: `127.0.0.1:${plain}`,
          https: `127.0.0.1:${secure}`,
          accessLog: FULL,
          errorLog: FULL,
        },
        project,
      );
      const args = ['-p', folder, '-e', FULL, '-c', config, '-g', 'daemon off;'];
      const proxy = await start(nginx, args, folder);
      await expectAnswers(`https://localhost:${secure}/api/products`);
      expect(proxy.exitCode).toBe(null);
    } finally {
      await rm(project, { recursive: true, force: true });
    }
  });

  /** The stage's own configuration, with nobody behind it: each request is also an error in the log. */
  async function written(
    kind: 'haproxy' | 'nginx',
    target: Partial<ProxyTarget>,
    project = folder,
  ): Promise<string> {
    const blueprint = buildBlueprint(defaultAnswers(kind === 'nginx' ? 'nginx' : 'balancer'));
    const config = join(folder, `${kind}.cfg`);
    const base = await nativeTarget(blueprint, folder, project);
    const port = await freePort();
    const servers = Object.fromEntries(
      Object.keys(base.servers).map(name => [name, [{ name: 'gone', host: '127.0.0.1', port }]]),
    );
    await writeFile(config, await renderProxyConfig(blueprint, kind, { ...base, servers, ...target }));
    return config;
  }
});

/** Waits for the first answer, and wants so many more: "not now", and none without one. */
async function expectAnswers(url: string): Promise<void> {
  await firstAnswer(url);
  for (let request = 0; request < REQUESTS; request++) {
    expect([502, 503, 504]).toContain(await answerOf(url));
  }
}

async function firstAnswer(url: string): Promise<void> {
  const until = performance.now() + UP_WITHIN_MS;
  while ((await answerOf(url)) === undefined && performance.now() < until) await sleep(50);
}

/** The status of a GET, or undefined where no answer comes. */
function answerOf(url: string): Promise<number | undefined> {
  const { get } = url.startsWith('https:') ? https : http;
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return new Promise(resolve => {
    get(url, { rejectUnauthorized: false, agent: false, signal } as https.RequestOptions, response => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', () => resolve(undefined));
  });
}
