/** What is generated works for every pair of option values: it type-checks, passes its own tests, and its proxies accept their files. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Answers } from '../../src/journey/options.ts';
import { SERVICE_NAMES } from '../../src/journey/services.ts';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { describeAnswers, isLegal, pairwiseAnswers } from '../support/answer-sets.ts';
import { installedProject } from '../support/generated-project.ts';

/** What the compiler and the project's own tests read; answers that agree in these need no second run. */
const CODE = /\.(ts|sql)$|(^|\/)(package|tsconfig)\.json$|^contracts\/|^test\//;

function hasAllServices({ services = SERVICE_NAMES }: Answers): boolean {
  return services.length === SERVICE_NAMES.length;
}

async function codeHash(answers: Answers): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await planProject(answers)).files.filter(({ path }) => CODE.test(path))) {
    hash.update(file.path).update(file.bytes);
  }
  return hash.digest('hex');
}

/** One set of answers for each program that there is: the stages after pool put proxies in front of the same code. */
async function distinctPrograms(): Promise<Answers[]> {
  const byCode = new Map<string, Answers>();
  for (const answers of STAGE_NAMES.flatMap(pairwiseAnswers).filter(isLegal)) {
    const hash = await codeHash(answers);
    if (!byCode.has(hash)) byCode.set(hash, answers);
  }
  return [...byCode.values()];
}

const TESTS_WITHIN_MS = 300_000;

/** Runs the tests that projects bring along. Two at a time: each waits half its life for its database, npm or a deadline. */
export async function describeOwnTests(isWanted: (answers: Answers) => boolean): Promise<void> {
  const programs = (await distinctPrograms()).filter(isWanted);
  test.concurrent.each(programs.map(answers => [describeAnswers(answers), answers] as const))(
    '%s: types check, and its own tests pass on a real database',
    async (_title, answers) => {
      const directory = await installedProject(answers);
      try {
        // What its owner sets for running the program is not what is tested.
        await writeFile(
          join(directory, '.env'),
          'BASE_PATH=/elsewhere\nDRAIN_SECONDS=9\nCOOKIE_SECURE=true\n',
        );
        const { all, exitCode } = await execa('npm', ['test'], {
          cwd: directory,
          all: true,
          reject: false,
          env: { CI: 'true' },
        });
        expect(exitCode, all).toBe(0);
        expect(all).toMatch(/pass [1-9]/);
        expect(all).not.toMatch(/(fail|cancelled) [1-9]/);
        // A project without search or receipts says that it skips what is about them; no other has anything to skip.
        if (hasAllServices(answers)) expect(all).not.toMatch(/skipped [1-9]/);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    TESTS_WITHIN_MS,
  );
}
