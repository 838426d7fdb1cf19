/** Each guarantee and drill catches its fault in a backend that is not ours too, as far as that promises it. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { STAGE_NAMES, type StageName } from '../../src/journey/stages.ts';
import { parseStageFile } from '../../src/stage-file/read.ts';
import { guaranteesOf } from '../../src/verify/checks/index.ts';
import { missingIn } from '../../src/verify/needs.ts';
import { FOREIGN_STAGES, type ForeignStage, foreignProject } from '../support/foreign-project.ts';
import { defaultAnswers } from '../support/generated-project.ts';
import { ROOT } from '../support/tool.ts';
import { faultsOf } from '../verify/checks/all-faults.ts';
import type { Fault } from '../verify/checks/fault.ts';
import { expectCaught } from '../verify/checks/workshop.ts';

const LIMIT_MS = 10 * 60_000;

/** Whose faults are planted at a stage: its own, and the first stage's where this backend begins. */
const SOURCES: Readonly<Record<ForeignStage, readonly StageName[]>> = {
  database: ['stall', 'database'],
  pool: ['pool'],
  balancer: ['balancer'],
  nginx: ['nginx'],
};

const stageFile = parseStageFile(
  readFileSync(join(ROOT, 'test', 'foreign', 'project', 'stage.yaml'), 'utf8'),
  { program: 'app' },
);

/** The sample's own code is not there; what the boxes bring is. */
const OF_SAMPLE = /^src\/(?!kit\/|server\.ts$)|^migrations\/|^openapi\.yaml$|^services\//;

/** The fault as it is planted here; nothing where only the sample can have it. */
function here(fault: Fault, stage: ForeignStage, promised: ReadonlySet<string>): Fault[] {
  const patches = fault.foreign ?? fault.patches;
  const isOfSample = fault.foreign === undefined && patches.some(({ file }) => OF_SAMPLE.test(file));
  const breaks = fault.breaks.filter(id => promised.has(id));
  const { stage: only, ...otherAnswers } = fault.answers ?? {};
  const isElsewhere = only !== undefined && only !== stage;
  const isOfOtherAnswers = Object.keys(otherAnswers).length > 0;
  if (isOfSample || isElsewhere || isOfOtherAnswers || fault.engine || breaks.length === 0) return [];
  // Words that name what the sample writes are not said here.
  return [{ ...fault, breaks, patches, because: /./ }];
}

function promisedAt(stage: ForeignStage): ReadonlySet<string> {
  return new Set(
    guaranteesOf(buildBlueprint(defaultAnswers(stage)), { drill: true })
      .filter(({ needs }) => missingIn(stageFile, needs) === undefined)
      .map(({ id }) => id),
  );
}

/** A fault of an earlier stage may be one that only this stage's parts can have. */
async function faultsAt(stage: ForeignStage, source: StageName): Promise<readonly Fault[]> {
  const all = await faultsOf(source);
  return SOURCES[stage].includes(source) ? all : all.filter(({ answers }) => answers?.stage === stage);
}

const tried = new Set<string>();
for (const stage of FOREIGN_STAGES) {
  const all = (await Promise.all(STAGE_NAMES.map(source => faultsAt(stage, source)))).flat();
  const promised = promisedAt(stage);
  const planted = all.flatMap(fault => here(fault, stage, promised));

  for (const id of planted.flatMap(({ breaks }) => breaks)) tried.add(id);

  describe(`a backend that is not ours, at the ${stage} stage`, () => {
    let directory: string;

    beforeAll(async () => {
      directory = await foreignProject(stage);
    }, LIMIT_MS);
    afterAll(() => rm(directory, { recursive: true, force: true }));

    test.each(planted.map(fault => [fault.title, fault] as const))(
      '%s',
      { timeout: LIMIT_MS },
      (_title, fault) => expectCaught(directory, fault, fault.patches),
    );
  });
}

test('there is a fault here for each of what is promised', () => {
  // Scaling takes Docker, which no fault here is planted on: test/long/drills-scale.test.ts has it.
  const elsewhere = new Set(['balancer.favours-fast', 'balancer.scale-under-load']);
  const open = FOREIGN_STAGES.flatMap(stage =>
    [...promisedAt(stage)].filter(id => !elsewhere.has(id) && !tried.has(id)),
  );
  expect([...new Set(open)]).toEqual([]);
});
