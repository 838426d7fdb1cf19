/** How a project differs from what its manifest says, each kind by itself. */
import { planProject } from '../../plan/plan.ts';
import { STAGE_FILE } from '../../stage-file/stage-file.ts';
import type { OpenedAnyhow } from '../generated.ts';
import { baselinePath, sha256 } from '../manifest.ts';
import { interruptedRun } from '../transaction/recover.ts';
import { readRecord } from './baseline.ts';
import { look } from './look.ts';
import { unsettled } from './pending.ts';

export interface DriftedFile {
  readonly path: string;
  readonly what?: string;
}

export interface Drift {
  /** Records that are gone or damaged, so that growing has nothing to compare with, or a stage file that cannot be understood. */
  readonly corrupt: readonly DriftedFile[];
  /** A run that was interrupted, or conflicts that nobody has settled. */
  readonly pending: readonly DriftedFile[];
  /** Generated, and no longer there. */
  readonly missing: readonly DriftedFile[];
  /** This version generates another file from the same answers. */
  readonly outdated: readonly DriftedFile[];
  readonly edited: readonly DriftedFile[];
}

/** @param problem what is wrong with the project's stage file */
export async function findDrift({ directory, manifest, stageFile, problem }: OpenedAnyhow): Promise<Drift> {
  const drift = { corrupt: [], pending: [], missing: [], outdated: [], edited: [] } as Record<
    keyof Drift,
    DriftedFile[]
  >;
  const { files } = await planProject(manifest.answers, stageFile);
  const now = new Map(files.map(({ path, bytes }) => [path, sha256(bytes)]));
  for (const [path, { sha256: hash, movedTo, deleted }] of Object.entries(manifest.files)) {
    if (!(await readRecord(directory, hash))) {
      drift.corrupt.push({ path: baselinePath(hash), what: `the record of ${path}` });
    }
    if (now.get(path) !== hash) drift.outdated.push({ path });
    const at = movedTo ?? path;
    const found = await look(directory, at);
    if (found.kind === 'nothing' && !deleted) drift.missing.push({ path: at });
    if (found.kind === 'blocked') drift.edited.push({ path: at, what: `it is ${found.what}` });
    if (found.kind === 'file' && found.sha256 !== hash) drift.edited.push({ path: at });
  }
  const known = new Set(Object.keys(manifest.files));
  for (const path of now.keys()) if (!known.has(path)) drift.outdated.push({ path, what: 'it is new' });
  if (problem) drift.corrupt.push({ path: STAGE_FILE, what: problem.message });
  const interrupted = interruptedRun(directory);
  if (interrupted) drift.pending.push({ path: '.stage/tx', what: `an interrupted ${interrupted.command}` });
  for (const { path, conflicts, sidecar } of await unsettled(directory)) {
    drift.pending.push({ path: sidecar ?? path, what: conflicts.join(', ') });
  }
  return drift;
}
