import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import type { Engine, Running } from '../../src/engines/engine.ts';
import { EngineError } from '../../src/errors.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import type { StageFile } from '../../src/stage-file/stage-file.ts';
import { DRILLS, GUARANTEES, guaranteesOf } from '../../src/verify/checks/index.ts';
import type { Guarantee, World } from '../../src/verify/guarantee.ts';
import { Broken, NotVerifiable, TooLate } from '../../src/verify/outcome.ts';
import { lackingHere } from '../../src/verify/report.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';

const blueprint = buildBlueprint(resolveAnswers({ stage: 'stall' }, 'my-shop'));

const NOTHING: StageFile = { programs: {}, probes: { logins: {} }, notPromised: [] };
const WITH_READ: StageFile = { ...NOTHING, probes: { read: { get: '/things', status: [200] }, logins: {} } };

/** A project that is already built, and an engine that serves one page for it. */
class Stage {
  readonly directory = mkdtempSync(join(tmpdir(), 'verify-'));
  readonly happened: string[] = [];
  readonly #server = http.createServer((request, response) => {
    const status = this.healthy ? (this.answers[request.url ?? ''] ?? 200) : 500;
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":1}');
  });
  /** Statuses other than 200, by path. */
  answers: Record<string, number> = {};
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
    const { directory, engine } = this;
    return verifyProject({ directory, blueprint, engine, stageFile: NOTHING, guarantees, ...more });
  }
}

function guarantee(id: string, check: (world: World) => Promise<void>, limitMs?: number): Guarantee {
  return {
    id,
    title: id,
    from: 'stall',
    needs: [],
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
    expect(report.counts).toEqual({ kept: 1, broken: 2, notVerified: 1, notPromised: 0 });
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
    expect(report.counts).toMatchObject({ kept: 2 });
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
      why: 'machine',
      detail: 'not run: nginx is missing',
    });
    expect(report).toMatchObject({ hint: 'apt-get install nginx', bootMs: null });
    expect(report.counts).toEqual({ kept: 0, broken: 0, notVerified: 1, notPromised: 0 });
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

  it('says of a machine that lacks something only while starting that it does', async () => {
    const up = async () => {
      throw Object.assign(new EngineError('the temporary folder is full', { hint: 'make room' }), {
        lacks: 'machine',
      });
    };
    const engine = { ...stage.engine, up };
    const report = await stage.verify([guarantee('a', async () => {}), guarantee('b', async () => {})], {
      engine,
    });
    expect(report.guarantees.map(({ status, why }) => [status, why])).toEqual([
      ['not-verified', 'machine'],
      ['not-verified', 'machine'],
    ]);
    expect(lackingHere(report)).toHaveLength(2);
    expect(report.hint).toBe('make room');
  });

  it('does not promise what the stage file has no probe for, or says that it does not promise', async () => {
    const asking = { ...guarantee('asking', async () => {}), needs: ['probes.read'] as const };
    const refused = guarantee('refused', async () => {});
    const stageFile = { ...NOTHING, notPromised: [{ guarantee: 'refused', because: 'we have no users' }] };
    const report = await stage.verify([asking, refused], { stageFile });
    expect(report.guarantees.map(({ id, status, detail }) => [id, status, detail])).toEqual([
      ['asking', 'not-promised', expect.stringContaining('no probes.read')],
      ['refused', 'not-promised', 'we have no users'],
    ]);
    expect(report.counts).toEqual({ kept: 0, broken: 0, notVerified: 0, notPromised: 2 });
  });

  it('tells a wrong probe once, as that, and judges nothing by it', async () => {
    stage.answers['/things'] = 404;
    const report = await stage.verify([], { stageFile: WITH_READ, guarantees: undefined as never });
    const broken = report.guarantees.filter(({ status }) => status === 'broken');
    expect(broken.map(({ id, detail }) => [id, detail])).toContainEqual([
      'probe.read',
      'GET /things answered 404 ({"id":1}), not 200',
    ]);
    const answers = report.guarantees.find(({ id }) => id === 'stall.answers');
    expect(answers).toMatchObject({ status: 'not-verified', why: 'probe' });
  });

  it('gives no verdict about time where this process had none, and excuses no count', async () => {
    const lag = async () => {
      await sleep(50);
      const until = performance.now() + 700;
      while (performance.now() < until);
      await sleep(50);
    };
    let tries = 0;
    const late = guarantee('late', async () => {
      tries++;
      await lag();
      throw new TooLate('it took 3 s');
    });
    const wrong = guarantee('wrong', async () => {
      await lag();
      throw new Broken('3 of 5 failed');
    });
    const slow = guarantee('slow', async () => {
      throw new TooLate('it took 4 s');
    });
    const report = await stage.verify([late, wrong, slow]);
    expect(tries).toBe(2);
    expect(report.guarantees.map(({ status, why, detail }) => [status, why, detail])).toEqual([
      ['not-verified', 'machine', expect.stringMatching(/too busy \(lag \d{3,} ms\): it took 3 s/)],
      ['broken', undefined, '3 of 5 failed'],
      ['broken', undefined, 'it took 4 s'],
    ]);
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
