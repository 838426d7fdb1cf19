/** Plants a fault in a generated project, and has `verify` look at it. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildBlueprint } from '../../../src/blueprint/build.ts';
import { nativeEngine } from '../../../src/engines/native/engine.ts';
import { resolveAnswers } from '../../../src/journey/answers.ts';
import type { Answers } from '../../../src/journey/options.ts';
import type { StageName } from '../../../src/journey/stages.ts';
import { openProject } from '../../../src/project/generated.ts';
import { DRILLS, GUARANTEES, guaranteesOf } from '../../../src/verify/checks/index.ts';
import type { VerifyReport } from '../../../src/verify/report.ts';
import { verifyProject } from '../../../src/verify/verify-project.ts';
import { installedProject } from '../../support/generated-project.ts';
import { faultsOf } from './all-faults.ts';
import type { Fault, Patch } from './fault.ts';

const LIMIT_MS = 400_000;

/** Those that each run checks, or those that only `--drill` does. */
export type Which = 'guarantees' | 'drills';

/** Checks that the stage's own project keeps everything, and that each fault breaks what it should. */
export async function describeFaults(stage: StageName, which: Which): Promise<void> {
  const ids = new Set((which === 'drills' ? DRILLS : GUARANTEES).map(({ id }) => id));
  const all = await faultsOf(stage);
  const faults = all.filter(({ breaks, engine }) => engine === undefined && breaks.every(id => ids.has(id)));
  describe(`verify at the ${stage} stage: ${which}`, () => {
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

    test.each(controls(stage, faults, which))(
      'without a fault every guarantee is kept (%s)',
      { timeout: LIMIT_MS },
      async (_title, control) => {
        const report = await verified(await projectFor(control.answers), control.only);
        const notKept = report.guarantees.filter(each => each.status !== 'kept');
        expect(notKept.map(each => `${each.id}: ${each.detail}`)).toEqual([]);
      },
    );

    test.each(faults.map(fault => [fault.title, fault] as const))(
      '%s',
      { timeout: LIMIT_MS },
      async (_title, fault) => {
        const directory = await projectFor(answersOf(stage, fault));
        await expectCaught(directory, fault, fault.patches);
      },
    );
  });
}

/** Plants the fault, and expects it to be told. */
export async function expectCaught(
  directory: string,
  fault: Fault,
  patches: readonly Patch[],
): Promise<void> {
  const report = await withPatches(directory, patches, () => verified(directory, fault.breaks));
  const statuses = report.guarantees.map(each => `${each.id} ${each.status}`);
  expect(statuses, report.guarantees.map(({ detail }) => detail).join('\n')).toEqual(
    inJourneyOrder(fault.breaks).map(id => `${id} broken`),
  );
  expect(report.guarantees[0]?.detail).toMatch(fault.because);
}

interface Control {
  readonly answers: Answers;
  readonly only: readonly string[];
}

/**
 * What must be kept where no fault is: for each set of answers whatever its faults break. Quick guarantees with the default answers
 * are left to the main job, which sees all of them kept at every stage (test/package).
 */
function controls(stage: StageName, faults: readonly Fault[], which: Which): [string, Control][] {
  const ids = new Map<string, Set<string>>();
  for (const { answers = {}, breaks } of faults) {
    const key = JSON.stringify(answers);
    ids.set(key, new Set([...(ids.get(key) ?? []), ...breaks]));
  }
  const others = [...ids].filter(([key]) => which === 'drills' || key !== '{}');
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

async function verified(directory: string, only: readonly string[]): Promise<VerifyReport> {
  const { blueprint, stageFile } = await openProject(directory, directory);
  return await verifyProject({ directory, blueprint, stageFile, engine: nativeEngine, only });
}

async function withPatches<T>(
  directory: string,
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
  }
}
