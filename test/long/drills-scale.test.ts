/** The one drill of the balancer that only Docker can carry out, and the fault that it must catch. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { dockerEngine } from '../../src/engines/docker.ts';
import { planProject } from '../../src/plan/plan.ts';
import { verifyProject } from '../../src/verify/verify.ts';
import { titleWithDocker, whyNoDocker } from '../support/docker.ts';
import { defaultAnswers, lockDependencies, writeProject } from '../support/generated-project.ts';

const WITHIN_MS = 300_000;
const CONFIG = 'haproxy/haproxy.cfg';

const reason = whyNoDocker();

describe.skipIf(reason !== undefined)(titleWithDocker('scaling on Docker', reason), () => {
  it(
    'catches a balancer with places for the first copies only',
    async () => {
      const answers = defaultAnswers('balancer');
      const directory = await writeProject(answers);
      try {
        await lockDependencies(directory, await planProject(answers));
        const path = join(directory, CONFIG);
        const text = await readFile(path, 'utf8');
        expect(text).toContain('server-template app 1-10');
        await writeFile(path, text.replace('server-template app 1-10', 'server-template app 1-3'));
        const report = await verifyProject({
          directory,
          blueprint: buildBlueprint(answers),
          engine: dockerEngine,
          only: ['balancer.scale-under-load'],
        });
        expect(report.guarantees[0]).toMatchObject({
          status: 'broken',
          detail: expect.stringContaining('a turn for each of 5 copies did not happen'),
        });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    WITHIN_MS,
  );
});
