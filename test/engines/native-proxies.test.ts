/** HAProxy and nginx as a user's project configures them, in front of the small test program. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Blueprint, BlueprintNode } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import type { Running } from '../../src/engines/engine.ts';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import type { EngineError } from '../../src/errors.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import type { GivenAnswers } from '../../src/journey/options.ts';
import { PROXY_FILES, renderProxyConfig } from '../../src/plan/proxies.ts';
import { composeTarget } from '../../src/plan/target.ts';
import { findExecutable } from '../../src/processes/executables.ts';
import { getJson, PROJECT, smallBlueprint } from './support.ts';

const NODE_MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const SYSTEM_TMP = tmpdir();
const HAS_HAPROXY = findExecutable('haproxy') !== undefined;
const HAS_NGINX = findExecutable('nginx') !== undefined;

let home: string;
let running: Running | undefined;
const previousTmp = process.env.TMPDIR;

beforeEach(async () => {
  home = await mkdtemp(join(SYSTEM_TMP, 'engine-proxies-'));
  await chmod(home, 0o755);
  await cp(PROJECT, join(home, 'project'), { recursive: true });
  await symlink(NODE_MODULES, join(home, 'node_modules'));
  await mkdir(join(home, 'tmp'));
  process.env.TMPDIR = join(home, 'tmp');
});

afterEach(async () => {
  await running?.down();
  running = undefined;
  expect(readdirSync(join(home, 'tmp'))).toEqual([]);
  await rm(home, { recursive: true, force: true });
});

afterAll(() => {
  if (previousTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = previousTmp;
});

/** A stage's own blueprint, with the test program in place of the shop and no database. */
function blueprintOf(given: GivenAnswers): Blueprint {
  const blueprint = buildBlueprint(resolveAnswers(given, 'my-shop'));
  const [small] = smallBlueprint().nodes;
  const nodes = blueprint.nodes.flatMap((node): BlueprintNode[] => {
    if (node.kind === 'postgres' || node.kind === 'job' || !small) return [];
    return [
      node.kind === 'program' && small.kind === 'program' ? { ...small, replicas: node.replicas } : node,
    ];
  });
  return { ...blueprint, nodes };
}

type Edit = (text: string) => string;

async function up(
  given: GivenAnswers,
  edits: Partial<Record<keyof typeof PROXY_FILES, Edit>> = {},
): Promise<Running> {
  const blueprint = blueprintOf(given);
  for (const kind of ['haproxy', 'nginx'] as const) {
    if (!blueprint.nodes.some(node => node.kind === kind)) continue;
    const text = await renderProxyConfig(blueprint, kind, composeTarget(blueprint));
    const file = join(home, 'project', PROXY_FILES[kind]);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, edits[kind]?.(text) ?? text);
  }
  running = await nativeEngine.up({
    directory: join(home, 'project'),
    blueprint,
    onProgress: () => undefined,
  });
  return running;
}

function getOverTls(
  run: Running,
  path: string,
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: run.frontDoor.port, path, ca: run.certificate, agent: false };
    request(options, response => {
      let body = '';
      response.on('data', piece => {
        body += piece;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
      );
    })
      .once('error', reject)
      .end();
  });
}

describe.runIf(HAS_HAPROXY)('HAProxy', () => {
  it('spreads requests, runs the owner’s edits, and drops a killed copy', async () => {
    const run = await up(
      { stage: 'balancer' },
      {
        haproxy: text =>
          text.replace('frontend web\n', 'frontend web\n  http-after-response set-header X-Mine yes\n'),
      },
    );
    const answers = await Promise.all(Array.from({ length: 9 }, () => getJson(run.frontDoor.port, '/')));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3);
    const response = await fetch(`http://127.0.0.1:${run.frontDoor.port}/`);
    expect(response.headers.get('x-mine')).toBe('yes');
    await run.kill('app', 1);
    await sleep(2_500);
    const after = await Promise.all(Array.from({ length: 8 }, () => getJson(run.frontDoor.port, '/')));
    expect(new Set(after.map(({ pid }) => pid)).size).toBe(2);
    expect((await run.logs('haproxy')).some(line => line.includes('"server":"app1"'))).toBe(true);
    await run.kill('haproxy');
    await run.start('haproxy');
    await run.restart('haproxy');
    expect(await getJson(run.frontDoor.port, '/')).toHaveProperty('pid');
  });

  it('tells what HAProxy says about a configuration that it refuses', async () => {
    const error = await up(
      { stage: 'balancer' },
      { haproxy: text => text.replace('mode http', 'mode htpp') },
    ).catch((reason: EngineError) => reason);
    expect((error as EngineError).message).toContain('haproxy/haproxy.cfg is refused');
    expect((error as EngineError).message).toContain('htpp');
  });
});

describe.runIf(HAS_NGINX)('nginx', () => {
  it('serves files and the API over TLS, redirects, and logs', async () => {
    const run = await up({ stage: 'nginx' });
    expect(run.frontDoor.scheme).toBe('https');
    expect(run.certificate).toContain('BEGIN CERTIFICATE');
    expect(await getOverTls(run, '/')).toMatchObject({
      status: 200,
      body: expect.stringContaining('front page'),
    });
    expect(await getOverTls(run, '/api/products')).toMatchObject({ status: 200 });
    const redirect = await fetch(`http://127.0.0.1:${run.frontDoor.redirectPort}/x`, { redirect: 'manual' });
    expect(redirect.headers.get('location')).toBe(`https://127.0.0.1:${run.frontDoor.port}/x`);
    const upstream = run.address('app', 0)?.port;
    expect((await run.logs('nginx')).some(line => line.includes(`"upstream":"127.0.0.1:${upstream}"`))).toBe(
      true,
    );
    await Promise.all([0, 1, 2].map(copy => run.kill('app', copy)));
    expect(await getOverTls(run, '/')).toMatchObject({ status: 200 });
    expect((await getOverTls(run, '/api/products')).status).toBeGreaterThanOrEqual(502);
    await run.restart('nginx');
    expect(await getOverTls(run, '/')).toMatchObject({ status: 200 });
  });

  it.runIf(HAS_HAPROXY)('keeps HAProxy behind it', async () => {
    const run = await up({ stage: 'nginx', balancer: 'haproxy' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => getOverTls(run, '/api/products')));
    expect(new Set(answers.map(({ body }) => JSON.parse(body).pid)).size).toBe(3);
  });

  it('tells what nginx says about a configuration that it refuses, and where an edit is in the way', async () => {
    const refused = await up(
      { stage: 'nginx' },
      { nginx: text => text.replace('gzip on;', 'gzip perhaps;') },
    ).catch((reason: EngineError) => reason);
    expect((refused as EngineError).message).toMatch(/nginx\/nginx\.conf is refused: .*gzip/);
    const inTheWay = await up(
      { stage: 'nginx' },
      { nginx: text => text.replace('root /srv/www;', 'root /elsewhere;') },
    ).catch((reason: EngineError) => reason);
    expect((inTheWay as EngineError).message).toContain('`root /srv/www;`');
  });

  it.runIf(process.getuid?.() === 0)('reads a project that only root may read', async () => {
    await chmod(join(home, 'project'), 0o700);
    const run = await up({ stage: 'nginx' });
    expect(await getOverTls(run, '/')).toMatchObject({ status: 200 });
    expect(await readFile(join(home, 'project', 'public', 'index.html'), 'utf8')).toContain('front page');
    expect(
      execFileSync('ps', ['-o', 'user=', '-p', String(await run.pid('nginx'))], { encoding: 'utf8' }).trim(),
    ).toBe('root');
  });
});
