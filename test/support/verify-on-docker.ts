/** `verify` on Docker: what is kept natively is kept in containers too, and nothing of it is left. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { selectEngine } from '../../src/engines/select.ts';
import type { StageName } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { openProject } from '../../src/project/generated.ts';
import { guaranteesOf } from '../../src/verify/checks/index.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';
import { type DockerThing, everythingInDocker, titleWithDocker, whyNoDocker } from './docker.ts';
import { defaultAnswers, lockDependencies, writeProject } from './generated-project.ts';

const reason = whyNoDocker();
const WITHIN_MS = 300_000;

export function describeOnDocker(stages: readonly StageName[]): void {
  describe.skipIf(reason !== undefined)(titleWithDocker('verify on Docker', reason), () => {
    let before: readonly DockerThing[] = [];

    beforeAll(() => {
      before = everythingInDocker();
    });

    afterAll(() => {
      expect(everythingInDocker()).toEqual(before);
    });

    it.each(stages)(
      '%s keeps all of its guarantees',
      async stage => {
        const answers = defaultAnswers(stage);
        const blueprint = buildBlueprint(answers);
        const directory = await writeProject(answers);
        try {
          await lockDependencies(directory, await planProject(answers));
          const { stageFile } = await openProject(directory, directory);
          const engine = await selectEngine('auto', blueprint, directory);
          const report = await verifyProject({ directory, blueprint, stageFile, engine });
          const notKept = report.guarantees.filter(each => each.status !== 'kept');
          expect(notKept.map(each => `${each.id}: ${each.detail}\n${each.logTail?.join('\n')}`)).toEqual([]);
          expect(report).toMatchObject({ engine: 'docker' });
          expect(report.guarantees).toHaveLength(guaranteesOf(blueprint).length);
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      },
      WITHIN_MS,
    );
  });
}
