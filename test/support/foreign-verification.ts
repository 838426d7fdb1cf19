/** `verify` on the backend that is not ours: nothing of it may be told broken. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEngine } from '../../src/engines/select.ts';
import { openProject } from '../../src/project/generated.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';
import { titleWithDocker, whyNoDocker } from './docker.ts';
import { type ForeignStage, foreignProject } from './foreign-project.ts';

/** So many guarantees are seen to be kept, drills among them: fewer would mean that little was looked at. */
const AT_LEAST_WITH_DRILLS: Readonly<Record<ForeignStage, number>> = {
  database: 10,
  pool: 14,
  balancer: 20,
  nginx: 32,
};
const LIMIT_MS = 40 * 60_000;

/** What is promised of it at no stage: it has no key by which a repeated request finds the first one's effect. */
const WITHOUT_KEY = ['database.idempotency', 'balancer.writes-once'];

export interface ForeignRun {
  readonly stage: ForeignStage;
  readonly engine: 'native' | 'docker';
  readonly drill: boolean;
}

export function describeForeign(runs: readonly ForeignRun[]): void {
  describe.each(runs)('a backend that is not ours: $stage, $engine, drills: $drill', run => {
    const reason = run.engine === 'docker' ? whyNoDocker() : undefined;
    let directory: string;

    beforeAll(async () => {
      if (reason === undefined) directory = await foreignProject(run.stage);
    }, LIMIT_MS);
    afterAll(() => directory && rm(directory, { recursive: true, force: true }));

    it.skipIf(reason !== undefined)(
      titleWithDocker('is verified: nothing broken, and what it does not promise is named', reason),
      { timeout: LIMIT_MS },
      async () => {
        const report = await verified(directory, run);
        const { guarantees, counts } = report;
        const told = (status: string) =>
          guarantees.filter(each => each.status === status).map(({ id, detail }) => `${id}: ${detail}`);
        expect(told('broken')).toEqual([]);
        expect(told('not-verified').filter(line => !line.includes('fixed number of copies'))).toEqual([]);
        const own = guarantees.filter(({ status }) => status === 'not-promised').map(({ id }) => id);
        const promised = WITHOUT_KEY.filter(id => guarantees.some(each => each.id === id));
        expect(own).toEqual(promised);
        const without = guarantees.filter(({ drill }) => drill).length;
        expect(counts.kept).toBeGreaterThanOrEqual(
          run.drill ? AT_LEAST_WITH_DRILLS[run.stage] : AT_LEAST_WITH_DRILLS[run.stage] - without,
        );
      },
    );
  });
}

async function verified(directory: string, { engine, drill }: ForeignRun): Promise<VerifyReport> {
  const { blueprint, stageFile } = await openProject(directory, directory);
  return await verifyProject({ directory, blueprint, stageFile, engine: await loadEngine(engine), drill });
}
