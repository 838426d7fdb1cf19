import { expect, test } from 'vitest';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { DOOR_LIMITS } from '../../src/journey/limits.ts';
import { planProject } from '../../src/plan/plan.ts';

test('the front door takes bodies as large as the programs behind it', async () => {
  const { files } = await planProject(resolveAnswers({ stage: 'nginx' }, 'my-shop'));
  const code = files.filter(({ path }) => path.endsWith('.ts')).map(({ bytes }) => bytes.toString('utf8'));
  const limits = code.flatMap(text => /BODY_LIMIT = (\d+) \* 1024;/.exec(text)?.[1] ?? []);
  expect(limits).toEqual([String(DOOR_LIMITS.bodyKilobytes)]);
});
