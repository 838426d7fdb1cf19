/** The one drill of the balancer that only Docker can carry out, and the fault that it must catch. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerEngine } from '../../src/engines/docker/engine.ts';
import { planProject } from '../../src/plan/plan.ts';
import { openProject } from '../../src/project/generated.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';
import { titleWithDocker, whyNoDocker } from '../support/docker.ts';
import { defaultAnswers, lockDependencies, writeProject } from '../support/generated-project.ts';
import { faults } from '../verify/checks/balancer/scale-under-load.fault.ts';

const WITHIN_MS = 300_000;

const reason = whyNoDocker();

describe.skipIf(reason !== undefined)(titleWithDocker('scaling on Docker', reason), () => {
  it.each(faults.map(fault => [fault.title, fault] as const))(
    'catches %s',
    async (_title, { breaks, because, patches }) => {
      const answers = defaultAnswers('balancer');
      const directory = await writeProject(answers);
      try {
        await lockDependencies(directory, await planProject(answers));
        for (const { file, find, replace } of patches) {
          const path = join(directory, file);
          const text = await readFile(path, 'utf8');
          expect(text).toMatch(find);
          await writeFile(path, text.replace(find, replace));
        }
        const report = await verifyProject({
          ...(await openProject(directory, directory)),
          engine: dockerEngine,
          only: breaks,
        });
        expect(report.guarantees[0]).toMatchObject({
          status: 'broken',
          detail: expect.stringMatching(because),
        });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    WITHIN_MS,
  );
});
