import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { type Engine, EngineError, type Running } from '../../src/engines/engine.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { DRILLS, GUARANTEES, guaranteesOf } from '../../src/verify/checks/index.ts';
import { Broken, type Guarantee, NotVerifiable, type World } from '../../src/verify/guarantee.ts';
import { verifyProject } from '../../src/verify/verify.ts';

const blueprint = buildBlueprint(resolveAnswers({ stage: 'stall' }, 'my-shop'));

/** A project that is already built, and an engine that serves one page for it. */
class Stage {
  readonly directory = mkdtempSync(join(tmpdir(), 'verify-'));
  readonly happened: string[] = [];
  readonly #server = http.createServer((_request, response) => {
    response.writeHead(this.healthy ? 200 : 500).end('{}');
  });
  healthy = true;
  appPid: number | undefined = 1;

  constructor() {
    for (const folder of ['node_modules', 'src', 'dist']) mkdirSync(join(this.directory, folder));
    writeFileSync(join(this.directory, 'src', 'server.ts'), '');
    writeFileSync(join(this.directory, 'dist', 'server.js'), '');
  }

  readonly engine: Engine = {
    name: 'native',
    available: async () => ({ available: true }),
    up: async () => {
      this.happened.push('up');
      await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
      return this.#running();
    },
  };

  #running(): Running {
    const frontDoor = {
      scheme: 'http' as const,
      host: '127.0.0.1',
      port: (this.#server.address() as AddressInfo).port,
    };
    const running: Partial<Running> = {
      engine: 'native',
      blueprint,
      frontDoor,
      certificate: undefined,
      address: () => frontDoor,
      resume: async () => {},
      pid: async () => this.appPid,
      start: async node => {
        this.happened.push(`start ${node}`);
        this.appPid = 2;
      },
      logs: async () => ['one line'],
      secret: async () => 'secret',
      down: async () => {
        this.happened.push('down');
        this.#server.closeAllConnections();
        await new Promise(resolve => this.#server.close(resolve));
      },
    };
    return running as Running;
  }

  verify(guarantees: Guarantee[], more: Partial<Parameters<typeof verifyProject>[0]> = {}) {
    return verifyProject({ directory: this.directory, blueprint, engine: this.engine, guarantees, ...more });
  }
}

function guarantee(id: string, check: (world: World) => Promise<void>, limitMs?: number): Guarantee {
  return {
    id,
    title: id,
    from: 'stall',
    ...(limitMs === undefined ? {} : { limitMs }),
    check: async world => {
      await check(world);
      return { status: 'kept', detail: 'seen', figures: { requests: 1 } };
    },
  };
}

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => rmSync(stage.directory, { recursive: true, force: true }));

describe('verifyProject', () => {
  it('tells kept, broken and not verified apart, and goes on after each', async () => {
    const report = await stage.verify([
      guarantee('a', async () => {}),
      guarantee('b', async () => {
        throw new Broken('no', { requests: 7 });
      }),
      guarantee('c', async () => {
        throw new NotVerifiable('not here');
      }),
      guarantee('d', async () => {
        throw new TypeError('odd');
      }),
    ]);
    const seen = report.guarantees.map(({ id, status, detail, figures }) => [id, status, detail, figures]);
    expect(seen).toEqual([
      ['a', 'kept', 'seen', { requests: 1 }],
      ['b', 'broken', 'no', { requests: 7 }],
      ['c', 'not-verified', 'not here', {}],
      ['d', 'broken', 'odd', {}],
    ]);
    expect(report).toMatchObject({ ok: false, counts: { kept: 1, broken: 2, notVerified: 1 } });
    expect(report.guarantees[1]?.logTail).toEqual(['app | one line']);
    expect(stage.happened).toEqual(['up', 'down']);
  });

  it('breaks a check that does not end, and closes its client', async () => {
    let ended = '';
    const endless = guarantee(
      'endless',
      async ({ signal }) => {
        await new Promise(resolve => signal.addEventListener('abort', resolve));
        ended = 'ended';
      },
      50,
    );
    const report = await stage.verify([endless, guarantee('next', async () => {})]);
    expect(report.guarantees.map(each => each.status)).toEqual(['broken', 'kept']);
    expect(report.guarantees[0]?.detail).toBe('the check was not done within 0.05 s');
    expect(ended).toBe('ended');
  });

  it('starts again what a check left down', async () => {
    const killing = guarantee('killing', async () => {
      stage.appPid = undefined;
    });
    const report = await stage.verify([killing, guarantee('next', async () => {})]);
    expect(report.ok).toBe(true);
    expect(stage.happened).toEqual(['up', 'start app', 'down']);
  });

  it('gives no verdict on a machine that lacks something, and says how to mend it', async () => {
    const engine: Engine = {
      ...stage.engine,
      available: async () => ({
        available: false,
        reason: 'nginx is missing',
        hint: 'apt-get install nginx',
      }),
    };
    const report = await stage.verify([guarantee('a', async () => {})], { engine });
    expect(report.guarantees[0]).toMatchObject({
      status: 'not-verified',
      detail: 'not run: nginx is missing',
    });
    expect(report).toMatchObject({ ok: true, hint: 'apt-get install nginx', bootMs: null });
    expect(report.counts).toEqual({ kept: 0, broken: 0, notVerified: 1 });
  });

  it('breaks the first guarantee of a project that does not start', async () => {
    const up = async () => {
      throw new EngineError('app exited with 1', { logTail: ['POOL_MAX is missing'], hint: 'read its log' });
    };
    const engine = { ...stage.engine, up };
    const report = await stage.verify([guarantee('a', async () => {}), guarantee('b', async () => {})], {
      engine,
    });
    expect(report.guarantees.map(each => each.status)).toEqual(['broken', 'not-verified']);
    expect(report.guarantees[0]).toMatchObject({
      detail: 'the project did not start: app exited with 1',
      logTail: ['POOL_MAX is missing'],
    });
    expect(report.hint).toBe('read its log');
  });

  it('takes everything down when it is aborted', async () => {
    const abort = new AbortController();
    const slow = guarantee('slow', async () => {
      abort.abort(new Error('Ctrl-C'));
      await new Promise(() => {});
    });
    await expect(stage.verify([slow], { signal: abort.signal })).rejects.toThrow('Ctrl-C');
    expect(stage.happened).toEqual(['up', 'down']);
  });
});

describe('the registry', () => {
  it('has ids that are unique and name the stage that introduces them', () => {
    const ids = GUARANTEES.map(each => each.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, from } of GUARANTEES) expect(id.startsWith(`${from}.`)).toBe(true);
  });

  it('chooses by stage and strategy', () => {
    const of = (given: Parameters<typeof resolveAnswers>[0]) =>
      guaranteesOf(buildBlueprint(resolveAnswers(given, 'my-shop'))).map(each => each.id);
    expect(of({ stage: 'stall' })).toEqual(
      GUARANTEES.filter(({ from }) => from === 'stall').map(({ id }) => id),
    );
    expect(of({ stage: 'balancer' })).toContain('balancer.spread');
    expect(of({ stage: 'balancer' })).not.toContain('balancer.favours-fast');
    expect(of({ stage: 'balancer', strategy: 'least-connections' })).toContain('balancer.favours-fast');
    expect(of({ stage: 'balancer', replicas: 1 })).not.toContain('balancer.failover');
    expect(of({ stage: 'microservices', balancer: 'haproxy' })).toEqual(
      GUARANTEES.map(each => each.id).filter(
        id => !['balancer.favours-fast', 'nginx.idle-timeouts'].includes(id),
      ),
    );
  });

  it('has drills, with ids of their own, only where they are asked for', () => {
    const nginx = buildBlueprint(resolveAnswers({ stage: 'nginx' }, 'my-shop'));
    expect(guaranteesOf(nginx).some(({ drill }) => drill)).toBe(false);
    const drills = guaranteesOf(nginx, { drill: true }).filter(({ drill }) => drill);
    expect(drills.map(({ id }) => id)).toContain('balancer.kill-under-load');
    expect(DRILLS.every(({ drill, id, from }) => drill && id.startsWith(`${from}.`))).toBe(true);
    const ids = [...GUARANTEES, ...DRILLS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refuses an id that is none of the project', () => {
    expect(() => guaranteesOf(blueprint, { only: ['nginx.tls'] })).toThrow(
      'nginx.tls is not a guarantee of this stall project',
    );
  });
});
