/** A stage.yaml that says what is not so: each wrong probe is told once, as that probe, and nothing is judged by it. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import { type GeneratedProject, openProject } from '../../src/project/generated.ts';
import type { StageFile } from '../../src/stage-file/stage-file.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';
import { defaultAnswers, installedProject } from '../support/generated-project.ts';

let directory: string;
let project: GeneratedProject;

beforeAll(async () => {
  directory = await installedProject(defaultAnswers('database'));
  project = await openProject(directory, directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function verified(stageFile: StageFile, only: readonly string[]): Promise<VerifyReport> {
  return verifyProject({ ...project, stageFile, engine: nativeEngine, only });
}

const statusOf = ({ guarantees }: VerifyReport, id: string) => {
  const found = guarantees.find(each => each.id === id);
  return found && [found.status, found.why];
};

describe('a wrong probe', () => {
  it('is told by its path, status, login, place or table, and what asks for none is judged all the same', async () => {
    const { stageFile } = project;
    const { write, logins } = stageFile.probes;
    if (!write) throw new Error('the sample writes');
    const wrong: StageFile = {
      ...stageFile,
      probes: {
        read: { get: '/nothing-here', status: [200] },
        write: { ...write, status: [418] },
        logins: { ...logins, stranger: { path: '/sessions', status: [201], cookie: 'session' } },
      },
      database: { lock: 'products.none', counts: 'none.at_all' },
    };
    const ids = [
      'stall.answers',
      'stall.health',
      'stall.graceful-stop',
      'database.schema',
      'database.idempotency',
    ];
    const report = await verified(wrong, ids);
    const broken = report.guarantees.filter(({ status }) => status === 'broken');
    expect(broken.map(({ id, detail }) => [id, detail])).toEqual([
      ['probe.read', expect.stringMatching(/^GET \/nothing-here answered 404 .*, not 200$/)],
      ['probe.logins.stranger', expect.stringMatching(/^POST \/sessions answered 400 .*, not 201$/)],
      ['probe.write', expect.stringMatching(/^POST \/orders answered 201 .*, not 418$/)],
      ['probe.database.lock', 'no database of this project has a table products.none'],
      ['probe.database.counts', 'no database of this project has a table none.at_all'],
    ]);
    expect(statusOf(report, 'stall.answers')).toEqual(['not-verified', 'probe']);
    expect(statusOf(report, 'stall.graceful-stop')).toEqual(['not-verified', 'probe']);
    expect(statusOf(report, 'database.idempotency')).toEqual(['not-verified', 'probe']);
    expect(statusOf(report, 'stall.health')).toEqual(['kept', undefined]);
    expect(statusOf(report, 'database.schema')).toEqual(['kept', undefined]);
  });

  it('of a login is not told again by the write that needs it', async () => {
    const { stageFile } = project;
    const { read, write, logins } = stageFile.probes;
    const [name = ''] = Object.keys(logins);
    const login = logins[name];
    if (!read || !write || !login) throw new Error('the sample reads, writes and has a login');
    const body = { email: 'nobody@else.example', password: { secret: 'demo_password' } };
    const probes = { read, write, logins: { [name]: { ...login, body } } };
    const report = await verified({ ...stageFile, probes }, ['stall.answers', 'stall.graceful-stop']);
    expect(report.guarantees.map(({ id, status }) => `${id} ${status}`)).toEqual([
      `probe.logins.${name} broken`,
      'stall.answers kept',
      'stall.graceful-stop not-verified',
    ]);
  });

  it('of a place to read back, or of a secret that is not there, says so', async () => {
    const { stageFile } = project;
    const { write, logins } = stageFile.probes;
    const [name = ''] = Object.keys(logins);
    const login = logins[name];
    if (!write || !login) throw new Error('the sample writes and has a login');
    const probes = {
      write: { ...write, readBack: '/orders/{body.nr}' },
      logins: { [name]: login, other: { ...login, body: { password: { secret: 'none_such' } } } },
    };
    const report = await verified({ ...stageFile, probes }, ['stall.health']);
    expect(report.guarantees.map(({ id, detail }) => [id, detail]).slice(0, 2)).toEqual([
      ['probe.logins.other', 'there is no secrets/none_such, which stage.yaml names'],
      ['probe.write', expect.stringContaining('it has no nr, which readBack needs')],
    ]);
  });
});
