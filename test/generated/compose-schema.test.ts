/** Every compose.yaml that the option values can lead to is valid by the schema of the Compose Specification. Needs no Docker. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Schema, Validator } from '@cfworker/json-schema';
import { expect, test } from 'vitest';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { describeAnswers, isLegal, pairwiseAnswers } from '../support/answer-sets.ts';
import { composeText, mergedCompose } from '../support/compose-config.ts';
import { defaultAnswers } from '../support/generated-project.ts';

/** dclint, a linter for compose files, carries the Specification's schema as it is. */
const dclint = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
const schema = JSON.parse(readFileSync(join(dclint, 'schemas', 'compose.schema.json'), 'utf8')) as Schema;
const validator = new Validator(schema, '7', false);

/** What the schema has against a file. */
function complaints(text: string): string[] {
  return validator
    .validate(mergedCompose(text))
    .errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

const answerSets = STAGE_NAMES.flatMap(pairwiseAnswers).filter(isLegal);

test.each(answerSets.map(answers => [describeAnswers(answers), answers] as const))(
  '%s',
  async (_title, answers) => {
    expect(complaints(await composeText(answers))).toEqual([]);
  },
);

test.each([
  ['a misspelt key', 'healthcheck:', 'heathcheck:', 'heathcheck'],
  ['a key in the wrong place', 'deploy:\n      replicas:', 'deploy:\n      copies:', 'copies'],
  ['a condition that there is not', 'service_healthy', 'service_ready', 'condition'],
  ['a number where words belong', 'read_only: true', 'read_only: 1', 'read_only'],
])('%s is seen', async (_title, right, wrong, named) => {
  const text = await composeText(defaultAnswers('balancer'));
  expect(text).toContain(right);
  expect(complaints(text.replace(right, wrong)).join('\n')).toContain(named);
});
