/** Each guarantee and drill catches its fault in a backend that is not ours too, as far as that promises it. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { parseStageFile } from '../../src/stage-file/read.ts';
import { guaranteesOf } from '../../src/verify/checks/index.ts';
import { missingIn } from '../../src/verify/needs.ts';
import { FOREIGN_STAGES, foreignProject } from '../support/foreign-project.ts';
import { defaultAnswers } from '../support/generated-project.ts';
import { ROOT } from '../support/tool.ts';
import { faultsOf } from '../verify/checks/all-faults.ts';
import type { Fault } from '../verify/checks/fault.ts';
import { expectCaught } from '../verify/checks/workshop.ts';

const LIMIT_MS = 10 * 60_000;

const stageFile = parseStageFile(
  readFileSync(join(ROOT, 'test', 'foreign', 'project', 'stage.yaml'), 'utf8'),
  { program: 'app' },
);

/** The sample's own code is not there; what the boxes bring is. */
const OF_SAMPLE = /^src\/(?!kit\/|server\.ts$)|^migrations\/|^openapi\.yaml$|^services\//;

/** The fault as it is planted here; nothing where only the sample can have it. */
function here(fault: Fault, promised: ReadonlySet<string>): Fault[] {
  const patches = fault.foreign ?? fault.patches;
  const isOfSample = fault.foreign === undefined && patches.some(({ file }) => OF_SAMPLE.test(file));
  const breaks = fault.breaks.filter(id => promised.has(id));
  if (isOfSample || fault.answers || fault.engine || breaks.length === 0) return [];
  // Words that name what the sample writes are not said here.
  return [{ ...fault, breaks, patches, because: /./ }];
}

for (const stage of FOREIGN_STAGES) {
  // What the first stage promises is tried where this backend begins.
  const sources = stage === 'database' ? (['stall', 'database'] as const) : ([stage] as const);
  const all = (await Promise.all(sources.map(faultsOf))).flat();
  const promised = new Set(
    guaranteesOf(buildBlueprint(defaultAnswers(stage)), { drill: true })
      .filter(({ needs }) => missingIn(stageFile, needs) === undefined)
      .map(({ id }) => id),
  );
  const planted = all.flatMap(fault => here(fault, promised));

  describe(`a backend that is not ours, at the ${stage} stage`, () => {
    let directory: string;

    beforeAll(async () => {
      directory = await foreignProject(stage);
    }, LIMIT_MS);
    afterAll(() => rm(directory, { recursive: true, force: true }));

    test('has a fault for each of what its stage adds and it promises', () => {
      const broken = new Set(planted.flatMap(({ breaks }) => breaks));
      const own = guaranteesOf(buildBlueprint(defaultAnswers(stage)), { drill: true }).filter(
        ({ id, from }) => promised.has(id) && sources.some(source => source === from),
      );
      expect(own.map(({ id }) => id).filter(id => !broken.has(id))).toEqual([]);
    });

    test.each(planted.map(fault => [fault.title, fault] as const))(
      '%s',
      { timeout: LIMIT_MS },
      (_title, fault) => expectCaught(directory, fault, fault.patches),
    );
  });
}
