/** Each probe finds its own fault in a compose file that makes all of them, so that an empty list means something elsewhere. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { titleWithDocker, whyNoDocker } from '../support/docker.ts';
import { ComposeProject, nameOfItsOwn } from './compose-project.ts';
import { GetLoad } from './get-load.ts';
import { outsideAddress } from './outside.ts';
import {
  addressOf,
  type Container,
  endFindings,
  processFindings,
  publishedFindings,
  reachFindings,
  secretFindings,
  serviceOf,
  settingFindings,
} from './probes.ts';

const reason = whyNoDocker();
const LIMITS = { cpus: '0.5', memory: '128M', pids: 64 };

describe.skipIf(reason !== undefined)(titleWithDocker('a careless compose file', reason), () => {
  const project = new ComposeProject(
    fileURLToPath(new URL('fixtures/careless', import.meta.url)),
    nameOfItsOwn('careless'),
  );
  let found: Map<string, Container>;

  beforeAll(async () => {
    await project.compose('up', '--detach');
    // The job ends by itself, and a health check has to fail first.
    await vi.waitFor(
      async () => {
        found = new Map((await project.containers()).map(each => [serviceOf(each), each]));
        expect(found.get('job')?.State.Running).toBe(false);
        expect(found.get('front')?.State.Health?.Status).toBe('unhealthy');
      },
      { timeout: 20_000, interval: 250 },
    );
  }, 120_000);

  afterAll(() => project.compose('down', '--volumes', '--timeout', '0'));

  function container(service: string): Container {
    const one = found.get(service);
    if (one === undefined) throw new Error(`no container of ${service}`);
    return one;
  }

  it('settings', () => {
    expect(settingFindings(container('db'), LIMITS)).toEqual([
      'db-1: is given NET_RAW',
      'db-1: has a writable root file system',
      'db-1: runs as "", not as a number other than 0',
      'db-1: has no init',
      'db-1: may use 0 bytes of memory, not 128M',
      'db-1: may use 0 CPUs, not 0.5',
      'db-1: may have null processes, not 64',
      'db-1: has logs without end',
      'db-1: has no health check',
    ]);
    expect(settingFindings(container('front'), LIMITS)).toContain('front-1: is unhealthy');
    expect(settingFindings(container('front'), LIMITS)).not.toContain('front-1: has no init');
    expect(settingFindings(container('job'), LIMITS)).toContain('job-1: ended with exit code 3');
  });

  it('processes', async () => {
    const findings = (await processFindings(container('db'), ['/tmp'])).join('\n');
    for (const fault of [
      /process 1 \(\w+\) runs as root/,
      /process 1 \(\w+\) has capabilities 0+a/,
      /process 1 \(\w+\) could get capabilities 0+a/,
      /process 1 \(\w+\) may gain rights/,
      /process 1 \(\w+\) has no seccomp filter/,
      'is not read-only: /: written',
      'has a writable overlay at /',
    ]) {
      expect(findings).toMatch(fault);
    }
  });

  it('secrets in the environment', () => {
    const secrets = new Map([['password', 'of-this-fixture-only']]);
    expect(secretFindings(container('db'), secrets)).toEqual([
      'db-1: shows the secret password in docker inspect',
    ]);
    expect(secretFindings(container('front'), secrets)).toEqual([]);
  });

  it('published ports', () => {
    expect(publishedFindings([...found.values()], { front: [8080] })).toEqual(
      expect.arrayContaining([
        'db-1: publishes its port 5432/tcp',
        'front-1: does not publish its port 8080/tcp',
      ]),
    );
  });

  it('ways that should be closed, and ways that should be open', async () => {
    const outside = await outsideAddress();
    const address = addressOf(container('db'), 'data') ?? '';
    expect(
      await reachFindings(container('front'), [
        { host: 'db', port: 5432, open: false, what: 'db' },
        { host: address, port: 5432, open: false, what: 'db' },
        { ...outside, open: false, what: 'the outside' },
        { host: 'nowhere', port: 80, open: true, what: 'nothing' },
      ]),
    ).toEqual([
      'front-1: db at db:5432 is open, not unknown',
      `front-1: db at ${address}:5432 is open, not cut`,
      `front-1: the outside at ${outside.host}:${outside.port} is open, not cut`,
      'front-1: nothing at nowhere:80 is unknown, not open',
    ]);
  });

  it('a container that does not stop by itself', async () => {
    await project.compose('stop', 'deaf');
    const deaf = (await project.containers()).filter(each => serviceOf(each) === 'deaf');
    expect(endFindings([...deaf, container('db')])).toEqual([
      'deaf-1: ended with exit code 137',
      'db-1: still runs',
    ]);
  });

  it('a project that is still there', async () => {
    expect(project.leftovers()).toEqual(
      expect.arrayContaining([`${project.name}-db-1`, `${project.name}_data`]),
    );
  });
});

describe('what asks the front door', () => {
  it('a load that nobody answers', async () => {
    const load = new GetLoad('http://127.0.0.1:1/');
    const { failed } = await load.stop();
    expect(failed[0]).toMatch(/ECONNREFUSED/);
  });
});
