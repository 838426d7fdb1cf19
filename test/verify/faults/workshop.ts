/** Plants a fault in a generated project, and has `verify` look at it. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodesOfKind } from '../../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../../src/blueprint/build.ts';
import { nativeEngine } from '../../../src/engines/native.ts';
import { resolveAnswers } from '../../../src/journey/answers.ts';
import type { Answers } from '../../../src/journey/options.ts';
import type { StageName } from '../../../src/journey/stages.ts';
import { planProject } from '../../../src/plan/plan.ts';
import { GUARANTEES } from '../../../src/verify/guarantees/index.ts';
import type { VerifyReport } from '../../../src/verify/report.ts';
import { verifyProject } from '../../../src/verify/verify.ts';
import { installDependencies, writeProject } from '../../support/generated-project.ts';
import type { Fault, Patch } from './fault.ts';

const LIMIT_MS = 180_000;

/** Checks that the stage's own project keeps everything, and that each fault breaks what it should. */
export function describeFaults(stage: StageName, faults: readonly Fault[]): void {
  describe(`verify at the ${stage} stage`, () => {
    const projects = new Map<string, Promise<string>>();
    const projectFor = (answers: Answers) => {
      const key = JSON.stringify(answers);
      const known = projects.get(key) ?? installedProject(answers);
      projects.set(key, known);
      return known;
    };
    beforeAll(() => projectFor(answersOf(stage)), LIMIT_MS);
    afterAll(async () => {
      for (const project of projects.values()) {
        await project.then(
          directory => rm(directory, { recursive: true, force: true }),
          () => {},
        );
      }
    });

    test('every guarantee that the stage adds has a fault', () => {
      const own = GUARANTEES.filter(each => each.from === stage).map(each => each.id);
      expect([...new Set(faults.flatMap(fault => fault.breaks))]).toEqual(expect.arrayContaining(own));
    });

    test('without a fault every guarantee is kept', { timeout: LIMIT_MS }, async () => {
      const answers = answersOf(stage);
      const report = await verified(await projectFor(answers), answers);
      const notKept = report.guarantees.filter(each => each.status !== 'kept');
      expect(notKept.map(each => `${each.id}: ${each.detail}`)).toEqual([]);
    });

    test.each(faults.map(fault => [fault.title, fault] as const))(
      '%s',
      { timeout: LIMIT_MS },
      async (_title, fault) => {
        const answers = answersOf(stage, fault);
        const directory = await projectFor(answers);
        const report = await withPatches(directory, answers, fault.patches, () =>
          verified(directory, answers, fault.breaks),
        );
        const statuses = report.guarantees.map(each => `${each.id} ${each.status}`);
        expect(statuses).toEqual(inJourneyOrder(fault.breaks).map(id => `${id} broken`));
        expect(report.guarantees[0]?.detail).toMatch(fault.because);
        expect(report.ok).toBe(false);
      },
    );
  });
}

function answersOf(stage: StageName, fault?: Fault): Answers {
  return resolveAnswers({ stage, ...fault?.answers }, 'my-shop');
}

function inJourneyOrder(ids: readonly string[]): string[] {
  return GUARANTEES.map(each => each.id).filter(id => ids.includes(id));
}

async function installedProject(answers: Answers): Promise<string> {
  const directory = await writeProject(answers);
  await installDependencies(directory, await planProject(answers));
  return directory;
}

function verified(directory: string, answers: Answers, only?: readonly string[]): Promise<VerifyReport> {
  return verifyProject({
    directory,
    blueprint: buildBlueprint(answers),
    engine: nativeEngine,
    ...(only === undefined ? {} : { only }),
  });
}

async function withPatches<T>(
  directory: string,
  answers: Answers,
  patches: readonly Patch[],
  work: () => Promise<T>,
): Promise<T> {
  const originals = new Map<string, string>();
  try {
    for (const { file, find, replace } of patches) {
      const path = join(directory, file);
      const text = await readFile(path, 'utf8');
      if (!originals.has(path)) originals.set(path, text);
      const patched = text.replace(find, replace);
      if (patched === text) throw new Error(`${file} has no ${find}: the fault cannot be planted`);
      await writeFile(path, patched);
    }
    return await work();
  } finally {
    for (const [path, text] of originals) await writeFile(path, text);
    await removeBuild(directory, answers);
  }
}

/** What was compiled from a patched file must not be taken for the next fault's. */
async function removeBuild(directory: string, answers: Answers): Promise<void> {
  const folders = nodesOfKind(buildBlueprint(answers), 'program').map(program => program.folder);
  for (const folder of new Set(folders)) {
    await rm(join(directory, folder, 'dist'), { recursive: true, force: true });
  }
}
