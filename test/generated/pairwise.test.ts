/** What is generated works for every pair of option values: it type-checks, passes its own tests, and its proxies accept their files. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type { Answers } from '../../src/journey/options.ts';
import { STAGE_NAMES, type StageName } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { describeAnswers, isLegal, pairwiseAnswers } from '../support/answer-sets.ts';
import { readyProject } from '../support/generated-project.ts';

/** What the compiler and the project's own tests get to see; answers that agree in these need no second run. */
const CODE = /\.(ts|mts|mjs|sql|json)$|^openapi\.yaml$/;
/** Names and numbers in package.json differ without meaning anything to the compiler. */
async function codeHash(answers: Answers): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await planProject(answers)).files.filter(({ path }) => CODE.test(path))) {
    hash.update(file.path).update(file.bytes);
  }
  return hash.digest('hex');
}

async function distinctPrograms(stage: StageName): Promise<Answers[]> {
  const byCode = new Map<string, Answers>();
  for (const answers of pairwiseAnswers(stage).filter(isLegal)) {
    const hash = await codeHash(answers);
    if (!byCode.has(hash)) byCode.set(hash, answers);
  }
  return [...byCode.values()];
}

for (const stage of STAGE_NAMES) {
  const programs = await distinctPrograms(stage);
  describe.each(programs.map(answers => [describeAnswers(answers), answers] as const))(
    '%s',
    (_title, answers) => {
      test('types check, and its own tests pass on a real database', async () => {
        const directory = await readyProject(answers);
        try {
          const { all, exitCode } = await execa('npm', ['test'], {
            cwd: directory,
            all: true,
            reject: false,
            env: { CI: 'true' },
          });
          expect(exitCode, all).toBe(0);
          expect(all).toMatch(/pass [1-9]/);
          expect(all).not.toMatch(/(fail|skipped|cancelled) [1-9]/);
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      });
    },
  );
}
