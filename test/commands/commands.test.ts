import { describe, expect, it } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { endingOf } from '../../src/commands/outcome.ts';
import { logPrinter } from '../../src/commands/up.ts';
import { type Verification, verdict, verificationBody } from '../../src/commands/verification.ts';
import { Cancelled, EngineError, Failure, UsageError } from '../../src/errors.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { createPainter } from '../../src/ui/terminal.ts';
import { countsOf, type GuaranteeResult, type VerifyReport } from '../../src/verify/report.ts';
import { runTool, temporaryFolder } from '../support/tool.ts';

const plain = createPainter(false);
const cwd = temporaryFolder();

describe('endings', () => {
  it.each([
    [new UsageError('bad', 'do this'), 2, { code: 'usage', message: 'bad', hint: 'do this' }],
    [new Cancelled(), 130, { code: 'cancelled', message: 'nothing half-done was left behind' }],
    [new Failure('build', 'broken'), 1, { code: 'build', message: 'broken' }],
    [
      new EngineError('no port', { hint: 'free one' }),
      1,
      { code: 'engine', message: 'no port', hint: 'free one' },
    ],
    [new TypeError('oops'), 1, { code: 'internal', message: 'oops' }],
    ['a text', 1, { code: 'internal', message: 'a text' }],
  ])('%s', (error, exitCode, shown) => {
    expect(endingOf(error)).toMatchObject({ exitCode, error: shown });
  });

  it('bring along what a program printed last', () => {
    expect(endingOf(new EngineError('down', { logTail: ['line'] })).logTail).toEqual(['line']);
  });
});

describe('a verdict', () => {
  const line = (verification: Verification) =>
    verdict(verification, {
      terminal: {
        result: () => undefined,
        note: () => undefined,
        status: () => undefined,
        paint: plain,
        paintResult: plain,
      },
    });

  it('calls verified only what was seen', () => {
    expect(line(verification('kept', ['kept', 'kept']))).toMatch(/^✓ verified.*2 kept/);
    expect(line(verification('kept', ['kept', 'not-verified']))).toContain('1 not verified');
    expect(line(verification('broken', ['kept', 'broken']))).toMatch(/^✗.*1 broken/);
    expect(line(verification('not-verified', ['not-verified']))).toBe(
      '! NOT VERIFIED: seen; apt-get install nginx (0 kept, 1 not verified in 10 ms)',
    );
    expect(line({ status: 'skipped', reason: 'you said so' })).toBe('! not verified: you said so');
    expect(line({ status: 'broken', reason: 'it does not build' })).toBe('✗ it does not build');
  });

  it('is the same in the envelope', () => {
    expect(verificationBody(verification('kept', ['kept']))).toMatchObject({ verified: true });
    expect(verificationBody(verification('broken', ['broken']))).toMatchObject({ verified: false });
    expect(verificationBody(verification('not-verified', ['not-verified']))).toMatchObject({
      verified: false,
      verification: { status: 'not-verified', hint: 'apt-get install nginx' },
    });
    expect(verificationBody({ status: 'skipped', reason: 'x' })).toMatchObject({ verified: false });
  });
});

describe('up', () => {
  it('prints each line behind its node, copies told apart', () => {
    const lines: string[] = [];
    const blueprint = buildBlueprint(resolveAnswers({ stage: 'balancer' }, 'shop'));
    const print = logPrinter(blueprint, { result: text => lines.push(text), paintResult: plain });
    print('app', 0, 'one');
    print('app', 2, 'three');
    print('haproxy', 0, 'hello');
    expect(lines).toEqual(['app 1     │ one', 'app 3     │ three', 'haproxy   │ hello']);
  });
});

describe('stages', () => {
  it('prints the journey, for people and as data', () => {
    const { stdout } = runTool(['stages'], { cwd });
    for (const stage of STAGE_NAMES) expect(stdout).toContain(stage);
    expect(stdout).toContain('a food stall');
    const { stages } = JSON.parse(runTool(['stages', '--json'], { cwd }).stdout);
    expect(stages.map((stage: { name: string }) => stage.name)).toEqual(STAGE_NAMES);
  });
});

describe('doctor', () => {
  it('tells what is missing for which stage, and how to install it', () => {
    const run = runTool(['doctor', '--json'], { cwd, env: { PATH: cwd } });
    const { ok, stages, tools, install } = JSON.parse(run.stdout);
    expect(ok).toBe(true);
    expect(stages.map((each: { stage: string }) => each.stage)).toEqual(STAGE_NAMES);
    expect(stages[0]).toEqual({
      stage: 'stall',
      ready: true,
      engines: {
        native: { available: true },
        docker: { available: false, reason: 'docker is not installed', hint: expect.any(String) },
      },
    });
    expect(install.docker).toContain('docs.docker.com');
    expect(tools.find((tool: { name: string }) => tool.name === 'git')).toMatchObject({ found: false });
    expect(run.exitCode).toBe(0);
  });

  it('prints two tables for people', () => {
    const { stdout } = runTool(['doctor'], { cwd });
    expect(stdout).toMatch(/^yes +node +\d+\.\d+\.\d+/m);
    expect(stdout).toMatch(/^yes +stall +yes/m);
  });
});

function verification(
  status: 'kept' | 'broken' | 'not-verified',
  statuses: readonly GuaranteeResult['status'][],
): Verification {
  const guarantees = statuses.map(
    (each, index): GuaranteeResult => ({
      id: `stall.${index}`,
      title: 'a promise',
      status: each,
      detail: 'seen',
      figures: {},
      durationMs: 1,
    }),
  );
  const report: VerifyReport = {
    stage: 'stall',
    engine: 'native',
    guarantees,
    counts: countsOf(guarantees),
    durationMs: 10,
    bootMs: 5,
    seed: 7,
    ...(status === 'not-verified' ? { hint: 'apt-get install nginx' } : {}),
  };
  return { status, report };
}
