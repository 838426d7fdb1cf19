/**
 * Plans what growing or regenerating does to a project: the files as they were generated, as their owner has them, and as they are
 * generated now, brought together in memory. Nothing is written here.
 */
import { MANIFEST_PATH } from '../manifest.ts';
import type { FileWrite } from '../transaction/journal.ts';
import { completeEnv, type EnvChange } from './environment.ts';
import type { ChangeRequest, FileOutcome, Result } from './model.ts';
import { requireDeleted } from './needed.ts';
import { followOwn } from './own-files.ts';
import { PENDING_PATH } from './pending.ts';
import { recordWrites } from './records.ts';
import { replacedServices } from './replaced-services.ts';
import { settle } from './settle.ts';
import { requireSplit } from './split.ts';
import { gather } from './subjects.ts';

export interface ChangePlan {
  /** Every file that is or was generated, and those of the owner's that go along; sorted by path. */
  readonly files: readonly FileOutcome[];
  /** What becomes of the owner's .env, which is none of the files. */
  readonly env: EnvChange;
  /** Services that compose.yaml loses, whose containers may still run. */
  readonly replacedServices: readonly string[];
  /** In the order in which they are to be made: the manifest after everything that it tells of. Empty: nothing is to be done. */
  readonly writes: readonly FileWrite[];
}

/** @throws UsageError where the project lacks what the stage is made from */
export async function planChange(request: ChangeRequest): Promise<ChangePlan> {
  const { subjects, own } = await gather(request);
  requireSplit(request, subjects, own);
  const drafts: Result[] = [];
  for (const subject of subjects) drafts.push(await settle(request, subject));
  const results = await Promise.all(drafts.map(draft => requireDeleted(request, draft, drafts)));
  const taken = new Set(results.map(({ outcome }) => outcome.path));
  results.push(...(await followOwn(request, own, taken)));
  const files = results.map(({ outcome }) => outcome).sort((a, b) => (a.path < b.path ? -1 : 1));
  const env = await completeEnv(request, results);
  const writes = [...results.flatMap(result => result.writes), ...env.writes];
  const isFirst = ({ content }: FileWrite) => content !== undefined;
  return {
    files,
    env: env.change,
    replacedServices: replacedServices(results),
    writes: [
      ...(await recordWrites(request, results, files)),
      ...[...writes.filter(isFirst), ...writes.filter(write => !isFirst(write))],
    ].sort((a, b) => rank(a) - rank(b)),
  };
}

/** Baseline, files, pending conflicts, manifest; and last what the manifest no longer tells of. */
function rank({ path, content }: FileWrite): number {
  if (path === MANIFEST_PATH) return 3;
  if (path === PENDING_PATH) return 2;
  if (path.startsWith('.stage/')) return content ? 0 : 4;
  return 1;
}
