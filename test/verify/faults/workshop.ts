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
import { DRILLS, GUARANTEES, guaranteesOf } from '../../../src/verify/checks/index.ts';
import type { Guarantee } from '../../../src/verify/guarantee.ts';
import type { VerifyReport } from '../../../src/verify/report.ts';
import { verifyProject } from '../../../src/verify/verify.ts';
import { installedProject } from '../../support/generated-project.ts';
import type { Fault, Patch } from './fault.ts';

const LIMIT_MS = 180_000;

/**
 * Checks that the stage's own project keeps everything, and that each fault breaks what it should.
 * @param guarantees those of which each that the stage adds must have a fault: the quick ones, or the drills
 */
export function describeFaults(
  stage: StageName,
  faults: readonly Fault[],
  guarantees: readonly Guarantee[] = GUARANTEES,
): void {
  const own = guarantees.filter(each => each.from === stage).map(each => each.id);
  const isQuick = guarantees === GUARANTEES;
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
      const broken = new Set(faults.flatMap(fault => fault.breaks));
      expect(own.filter(id => !broken.has(id))).toEqual([]);
    });

    test.each(controls(stage, faults, own, isQuick))(
      'without a fault every guarantee is kept (%s)',
      { timeout: LIMIT_MS },
      async (_title, control) => {
        const report = await verified(await projectFor(control.answers), control.answers, control.only);
        const notKept = report.guarantees.filter(each => each.status !== 'kept');
        expect(notKept.map(each => `${each.id}: ${each.detail}`)).toEqual([]);
      },
    );

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

interface Control {
  readonly answers: Answers;
  readonly only: readonly string[];
}

/**
 * What must be kept where no fault is: for each set of answers whatever its faults break. Quick guarantees with the default answers
 * are left to the main job, which sees all of them kept at every stage (test/package).
 */
function controls(
  stage: StageName,
  faults: readonly Fault[],
  own: readonly string[],
  isQuick: boolean,
): [string, Control][] {
  const ids = new Map<string, Set<string>>();
  for (const fault of [{ breaks: own }, ...faults]) {
    const key = JSON.stringify(('answers' in fault && fault.answers) || {});
    ids.set(key, new Set([...(ids.get(key) ?? []), ...fault.breaks]));
  }
  const others = [...ids].filter(([key]) => !isQuick || key !== '{}');
  return others.map(([key, only]) => {
    const answers = resolveAnswers({ stage, ...JSON.parse(key) }, 'my-shop');
    // Which strategy balances decides which of the balancer's guarantees there are.
    const there = guaranteesOf(buildBlueprint(answers), { drill: true }).map(each => each.id);
    return [key, { answers, only: there.filter(id => only.has(id)) }];
  });
}

function answersOf(stage: StageName, fault?: Fault): Answers {
  return resolveAnswers({ stage, ...fault?.answers }, 'my-shop');
}

function inJourneyOrder(ids: readonly string[]): string[] {
  return [...GUARANTEES, ...DRILLS].map(each => each.id).filter(id => ids.includes(id));
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
