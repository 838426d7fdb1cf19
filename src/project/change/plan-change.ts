/**
 * Plans what growing or regenerating does to a project: the files as they were generated, as their owner has them, and as they are
 * generated now, brought together in memory. Nothing is written here.
 */
import { MANIFEST_PATH } from '../manifest.ts';
import type { FileWrite } from '../transaction/journal.ts';
import { applyDecision } from './apply-decision.ts';
import { completeEnv } from './complete-env.ts';
import { gatherFiles } from './gather-files.ts';
import type { ChangePlan, ChangeRequest, Result } from './model.ts';
import { moveOwnFiles } from './move-own-files.ts';
import { PENDING_PATH } from './pending.ts';
import { recordWrites } from './records.ts';
import { replacedServices } from './replaced-services.ts';
import { requireSplit } from './require-split.ts';
import { restoreImported } from './restore-imported.ts';

/** @throws UsageError where the project lacks what the stage is made from */
export async function planChange(request: ChangeRequest): Promise<ChangePlan> {
  const { subjects, own } = await gatherFiles(request);
  requireSplit(request, subjects, own);
  const drafts: Result[] = [];
  for (const subject of subjects) drafts.push(await applyDecision(request, subject));
  const results = await Promise.all(drafts.map(draft => restoreImported(request, draft, drafts)));
  const taken = new Set(results.map(({ outcome }) => outcome.path));
  results.push(...(await moveOwnFiles(request, own, taken)));
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
