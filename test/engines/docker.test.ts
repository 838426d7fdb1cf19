/** What the Docker engine says and writes, without an engine: the `docker` here is a script. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { dockerEngine } from '../../src/engines/docker/engine.ts';
import { writeOverride } from '../../src/engines/docker/override.ts';
import { RunDirectory } from '../../src/engines/run/run-directory.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { redirectingTo } from '../../src/pieces/nginx.ts';
import { smallBlueprint } from './support.ts';

const { PATH } = process.env;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-test-'));
});

afterEach(() => {
  process.env.PATH = PATH;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A PATH on which `docker` is a script, or is not at all. */
async function withDocker(script?: string): Promise<void> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  if (script !== undefined) {
    await writeFile(join(bin, 'docker'), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, 'docker'), 0o755);
  }
  process.env.PATH = bin;
}

describe.runIf(process.platform !== 'win32')('whether Docker can be used', () => {
  it.each([
    ['no docker', undefined, 'docker is not installed', 'docs.docker.com/engine/install'],
    [
      'no engine',
      'echo "Cannot connect to the Docker daemon" >&2; exit 1',
      'no Docker Engine answers',
      'systemctl start docker',
    ],
    [
      'no rights',
      'echo "permission denied while trying to connect" >&2; exit 1',
      'does not let this user in',
      'usermod -aG docker',
    ],
    ['no Compose v2', '[ "$1" != compose ]', 'docker has no Compose v2', 'docs.docker.com/compose/install'],
  ])('says so: %s', async (_, script, reason, hint) => {
    await withDocker(script);
    const found = await dockerEngine.available(smallBlueprint());
    expect(found).toMatchObject({ available: false, reason: expect.stringContaining(reason) });
    expect(found.hint).toContain(hint);
  });

  it('takes an engine that answers, with Compose v2', async () => {
    await withDocker('exit 0');
    expect(await dockerEngine.available(smallBlueprint())).toEqual({ available: true });
  });
});

describe('what a run lays over compose.yaml', () => {
  it('has the secrets of the run, no restarts, an owner, and what was asked for', async () => {
    const directory = await mkdtemp(join(folder, 'project-'));
    await mkdir(join(directory, 'nginx'));
    await writeFile(join(directory, 'nginx', 'nginx.conf'), 'return 308 https://$host:8443$request_uri;');
    const blueprint = buildBlueprint(resolveAnswers({ stage: 'nginx' }, 'my-shop'));
    const runDirectory = RunDirectory.create();
    try {
      const options = {
        directory,
        blueprint,
        onProgress: () => undefined,
        extraEnv: { app: { LOG_LEVEL: 'debug' } },
      };
      const text = await readFile(await writeOverride(options, runDirectory, 20_443), 'utf8');
      const { services, secrets } = JSON.parse(text);
      expect(Object.keys(services)).toEqual(blueprint.nodes.map(({ name }) => name));
      for (const service of Object.values<Record<string, unknown>>(services)) {
        expect(service).toMatchObject({
          restart: 'no',
          labels: { 'create-backend-stage.owner': expect.stringMatching(new RegExp(`/${process.pid}$`)) },
        });
      }
      expect(services.app.environment).toEqual({ LOG_LEVEL: 'debug' });
      expect(Object.keys(secrets)).toEqual(blueprint.secrets.map(({ name }) => name));
      expect(secrets.tls_key.file).toBe(runDirectory.secretFile('tls_key'));
      expect(await readFile(services.nginx.volumes[0].source, 'utf8')).toBe(
        'return 308 https://$host:20443$request_uri;',
      );
    } finally {
      await runDirectory.remove();
    }
  });

  it.each([
    ['https://$host:8443$request_uri', 'https://$host:20443$request_uri'],
    ['https://$host$request_uri', 'https://$host:20443$request_uri'],
    ['https://shop.example$request_uri', 'https://shop.example$request_uri'],
  ])('redirects to the port of the run: %s', (written, wanted) => {
    expect(redirectingTo(`return 308 ${written};`, 20_443)).toBe(`return 308 ${wanted};`);
  });
});

it.runIf(process.platform !== 'win32')('says what to do where there is no package-lock.json', async () => {
  await withDocker('exit 0');
  expect(await dockerEngine.available(smallBlueprint(), folder)).toMatchObject({
    available: false,
    reason: expect.stringContaining('package-lock.json'),
    hint: expect.stringContaining('npm install --package-lock-only'),
  });
});
