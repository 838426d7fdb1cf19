/** That the foreign backend is a good one at each of its stages: whatever `verify` says of it later is then said of `verify`. */
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { afterEach, describe, expect, test } from 'vitest';
import type { Running } from '../../src/engines/engine.ts';
import { nativeEngine } from '../../src/engines/native.ts';
import { openProject } from '../../src/project/generated.ts';
import { FOREIGN_STAGES, type ForeignStage, foreignProject } from '../support/foreign-project.ts';

interface StageFile {
  readonly program: { readonly live: string; readonly ready: string };
  readonly probes: {
    readonly read: { readonly get: string };
    readonly write: {
      readonly post: string;
      readonly status: readonly number[];
      readonly readBack: string;
      readonly settles: { readonly field: string; readonly to: readonly string[] };
    };
    readonly logins: {
      readonly engineer: { readonly post: string; readonly body: { readonly user: string } };
    };
  };
  readonly database: { readonly lock: string; readonly counts: string };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly json: Record<string, unknown>;
}

let directory = '';
let running: Running | undefined;

afterEach(async () => {
  await running?.down();
  running = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function up(stage: ForeignStage): Promise<{ run: Running; file: StageFile }> {
  directory = await foreignProject(stage);
  const { blueprint } = await openProject(directory, directory);
  const project = { directory, blueprint, onProgress: () => undefined };
  await nativeEngine.prepare?.(project);
  running = await nativeEngine.up(project);
  return { run: running, file: load(await readFile(join(directory, 'stage.yaml'), 'utf8')) as StageFile };
}

interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly token?: unknown;
}

/** One request to the front door, with the path as the program knows it. */
async function ask({ frontDoor, certificate, blueprint }: Running, path: string, options: Ask = {}) {
  const { method = 'GET', body, token } = options;
  const content = body === undefined ? '' : JSON.stringify(body);
  const request = (frontDoor.scheme === 'https' ? httpsRequest : httpRequest)({
    host: frontDoor.host,
    port: frontDoor.port,
    path: `${blueprint.frontDoor.basePath}${path}`,
    method,
    agent: false,
    ...(certificate === undefined ? {} : { ca: certificate, servername: 'localhost' }),
    headers: {
      host: 'localhost',
      ...(content && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  return new Promise<Answer>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', response => {
      const { statusCode = 0, headers } = response;
      text(response).then(
        said => resolve({ status: statusCode, type: headers['content-type'] ?? '', json: JSON.parse(said) }),
        reject,
      );
    });
    request.end(content);
  });
}

async function logIn(run: Running, { probes }: StageFile): Promise<unknown> {
  const { post, body } = probes.logins.engineer;
  const passphrase = await run.secret('demo_password');
  const answer = await ask(run, post, { method: 'POST', body: { user: body.user, passphrase } });
  expect(answer.status, JSON.stringify(answer)).toBe(201);
  return answer.json.token;
}

/** What stage.yaml's `write` comes to. */
function newCalibration() {
  const dueAt = new Date(Date.now() + 86_400_000).toISOString();
  return { dueAt, serial: Math.floor(Math.random() * 1e9), note: `for ${randomUUID()}` };
}

async function settled(run: Running, { probes }: StageFile, id: unknown, token: unknown): Promise<Answer> {
  const { readBack, settles } = probes.write;
  const path = readBack.replace('{body.id}', String(id));
  for (let tries = 0; ; tries++) {
    const answer = await ask(run, path, { token });
    const isSettled = settles.to.includes(String(answer.json[settles.field]));
    if (isSettled || answer.status !== 200 || tries === 100) return answer;
    await sleep(100);
  }
}

async function rowsOf(run: Running, table: string): Promise<number> {
  const [row] = await run.sql<{ count: number }>('shop', `select count(*)::integer from ${table}`, {
    as: 'admin',
  });
  return row?.count ?? -1;
}

describe.each(FOREIGN_STAGES)('at %s', stage => {
  test('it runs, and does what its stage.yaml says', async () => {
    const { run, file } = await up(stage);
    const { read, write } = file.probes;
    const inside = run.address('app', 0);
    for (const path of [file.program.live, file.program.ready]) {
      expect((await fetch(`http://${inside?.host}:${inside?.port}${path}`)).status).toBe(200);
    }
    expect(await ask(run, read.get)).toMatchObject({ status: 200, json: { items: [{ kind: 'mass' }] } });

    const body = newCalibration();
    const before = await rowsOf(run, file.database.counts);
    const stranger = await ask(run, write.post, { method: 'POST', body });
    expect(stranger).toMatchObject({
      status: 401,
      type: expect.stringMatching(/^application\/problem\+json/),
    });
    const token = await logIn(run, file);
    const wrong = await ask(run, write.post, { method: 'POST', token, body: { ...body, serial: 'x' } });
    expect(wrong).toMatchObject({ status: 400, type: expect.stringMatching(/^application\/problem\+json/) });
    expect(await rowsOf(run, file.database.counts)).toBe(before);

    const written = await ask(run, write.post, { method: 'POST', token, body });
    expect(write.status).toContain(written.status);
    expect(written.json).toMatchObject({ status: 'queued', note: body.note, serial: body.serial });
    expect(await settled(run, file, written.json.id, token)).toMatchObject({
      status: 200,
      json: { id: written.json.id, status: 'done', dueAt: body.dueAt },
    });
    expect(await rowsOf(run, file.database.counts)).toBe(before + 1);
    expect(await rowsOf(run, file.database.lock)).toBeGreaterThan(0);
  });
});

test('what was queued is done even if the program and the database are killed at once', async () => {
  const { run, file } = await up('database');
  const { post } = file.probes.write;
  const token = await logIn(run, file);
  const written = await ask(run, post, { method: 'POST', token, body: newCalibration() });
  await run.kill('app');
  await run.restart('db');
  const [before] = await run.sql('shop', 'select status from lab.calibrations', { as: 'admin' });
  expect(before).toEqual({ status: 'queued' });
  await run.start('app');
  expect(await settled(run, file, written.json.id, token)).toMatchObject({ json: { status: 'done' } });
});

test.each(['database', 'nginx'] as const)('at %s its own tests pass', async stage => {
  directory = await foreignProject(stage);
  const { all, exitCode } = await execa('npm', ['test'], {
    cwd: directory,
    all: true,
    reject: false,
    env: { CI: 'true' },
  });
  expect(exitCode, all).toBe(0);
  expect(all).toMatch(/pass [1-9]/);
});
