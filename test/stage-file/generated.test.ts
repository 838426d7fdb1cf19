import { type Schema, Validator } from '@cfworker/json-schema';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { nodesOfKind } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { withStageFile } from '../../src/blueprint/stage-file.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { generatedStageFile } from '../../src/project/generated.ts';
import { sampleOf } from '../../src/samples/index.ts';
import { parseStageFile } from '../../src/stage-file/read.ts';
import { SCHEMA_PATH, STAGE_SCHEMA } from '../../src/stage-file/schema.ts';
import { describeAnswers, isLegal, pairwiseAnswers } from '../support/answer-sets.ts';

const validator = new Validator(STAGE_SCHEMA as unknown as Schema, '2020-12');

const answerSets = STAGE_NAMES.flatMap(pairwiseAnswers).filter(isLegal);

test.each(answerSets.map(answers => [describeAnswers(answers), answers] as const))(
  '%s: what is generated is read, and says what runs',
  async (_title, answers) => {
    const { files } = await planProject(answers);
    const text = files.find(({ path }) => path === 'stage.yaml')?.bytes.toString() ?? '';
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${SCHEMA_PATH}`);
    expect(validator.validate(load(text)).errors).toEqual([]);
    const stageFile = parseStageFile(text, { program: sampleOf(answers).mainProgram(answers) });
    const blueprint = buildBlueprint(answers);
    expect(Object.keys(stageFile.programs)).toEqual(
      nodesOfKind(blueprint, 'program').map(({ name }) => name),
    );
    expect(withStageFile(blueprint, stageFile)).toEqual(blueprint);
    expect(stageFile.database !== undefined).toBe(blueprint.databases.length > 0);
  },
);

describe('what a write says', () => {
  const writeAt = async (given: Parameters<typeof resolveAnswers>[0]) =>
    (await generatedStageFile(resolveAnswers(given, 'shop'))).probes.write;

  test('settles, and more, only where programs work together', async () => {
    expect(await writeAt({ stage: 'nginx' })).not.toHaveProperty('settles');
    expect(await writeAt({ stage: 'microservices' })).toMatchObject({
      settles: { field: 'state', to: ['completed'] },
      without: {
        program: 'payments',
        to: ['cancelled'],
        restores: { get: '/products/1', field: 'available' },
        hurry: { ORDER_DEADLINE_SECONDS: '4' },
      },
      foundBy: '/search?q=keyboard',
      mails: { program: 'receipts', to: 'demo@shop.example', reads: 'receipts.receipts' },
    });
  });

  test('names no program that is left out', async () => {
    const write = await writeAt({ stage: 'microservices', services: ['orders', 'payments'] });
    expect(write).toHaveProperty('without');
    expect(write).not.toHaveProperty('foundBy');
    expect(write).not.toHaveProperty('mails');
  });
});

test('what a project says of its programs runs, in compose.yaml and behind the balancer too', async () => {
  const answers = resolveAnswers({ stage: 'balancer' }, 'shop');
  const programs = {
    app: { start: `npm run --silent "serve it" 'a b'`, port: 4000, ready: '/healthz' },
    nobody: { start: 'x', port: 1, ready: '/' },
  };
  const [app] = nodesOfKind(withStageFile(buildBlueprint(answers), { programs }), 'program');
  expect(app).toMatchObject({
    start: ['npm', 'run', '--silent', 'serve it', 'a b'],
    build: [],
    port: 4000,
    healthPath: '/healthz',
    livePath: undefined,
  });
  const text = async (path: string, given: Parameters<typeof planProject>[1] = { programs: {} }) =>
    (await planProject(answers, given)).files.find(file => file.path === path)?.bytes.toString();
  const compose = await text('compose.yaml', { programs });
  expect(compose).toContain('GET /healthz');
  expect(compose).toContain('PORT: "4000"');
  expect(await text('haproxy/haproxy.cfg', { programs })).toContain('uri /healthz');
  expect(await text('stage.yaml', { programs })).toBe(await text('stage.yaml'));
});
