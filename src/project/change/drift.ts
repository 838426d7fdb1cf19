/** How a project differs from what its manifest says, each kind by itself. */
import { planProject } from '../../plan/plan.ts';
import { STAGE_FILE } from '../../stage-file/stage-file.ts';
import type { OpenedAnyhow } from '../generated.ts';
import { baselinePath, sha256 } from '../manifest.ts';
import { interruptedRun } from '../transaction/recover.ts';
import { readRecord } from './baseline.ts';
import { findMoved, type Missing } from './find-moved.ts';
import { openConflicts } from './pending.ts';
import { type OwnedFile, readOwned } from './read-owned.ts';
import { ownersFiles, whereabouts } from './whereabouts.ts';

export interface DriftedFile {
  readonly path: string;
  readonly what?: string;
}

export interface MovedFile {
  readonly from: string;
  readonly to: string;
}

export interface Drift {
  /** Records that are gone or damaged, so that growing has nothing to compare with, or a stage file that cannot be understood. */
  readonly corrupt: readonly DriftedFile[];
  /** A run that was interrupted, or conflicts that nobody has settled. */
  readonly pending: readonly DriftedFile[];
  /** Generated, and no longer there. */
  readonly missing: readonly DriftedFile[];
  /** Its owner has moved it: growing finds it there. */
  readonly moved: readonly MovedFile[];
  /** This version generates another file from the same answers. */
  readonly outdated: readonly DriftedFile[];
  readonly edited: readonly DriftedFile[];
}

type Drifting = { -readonly [Kind in keyof Drift]: Drift[Kind][number][] };

export async function findDrift(project: OpenedAnyhow): Promise<Drift> {
  const { directory, manifest, stageFile, problem } = project;
  const drift: Drifting = { corrupt: [], pending: [], missing: [], moved: [], outdated: [], edited: [] };
  const { files } = await planProject(manifest.answers, stageFile);
  const now = new Map(files.map(({ path, bytes }) => [path, sha256(bytes)]));
  await lookAtFiles(project, now, drift);
  const known = new Set(Object.keys(manifest.files));
  for (const path of now.keys()) if (!known.has(path)) drift.outdated.push({ path, what: 'it is new' });
  if (problem) drift.corrupt.push({ path: STAGE_FILE, what: problem.message });
  const interrupted = interruptedRun(directory);
  if (interrupted) drift.pending.push({ path: '.stage/tx', what: `an interrupted ${interrupted.command}` });
  for (const { path, conflicts, sidecar } of await openConflicts(directory)) {
    drift.pending.push({ path: sidecar ?? path, what: conflicts.join(', ') });
  }
  return drift;
}

/** @param now the hash of each file as it is generated now */
async function lookAtFiles(
  { directory, manifest }: OpenedAnyhow,
  now: ReadonlyMap<string, string>,
  drift: Drifting,
): Promise<void> {
  const gone: (Missing & { readonly last: string })[] = [];
  for (const [path, entry] of Object.entries(manifest.files)) {
    const { sha256: hash, movedTo, deleted } = entry;
    const bytes = await readRecord(directory, hash);
    if (!bytes) drift.corrupt.push({ path: baselinePath(hash), what: `the record of ${path}` });
    if (now.get(path) !== hash) drift.outdated.push({ path });
    const { at, found } = await whereabouts(directory, path, entry);
    tellEdited(drift, at, found, hash);
    if (found.kind !== 'nothing' || deleted) continue;
    const last = movedTo ?? path;
    if (bytes) gone.push({ path, bytes, sha256: hash, last });
    else drift.missing.push({ path: last });
  }
  const own = gone.length === 0 ? [] : await ownersFiles(directory, manifest, now.keys());
  const places = await findMoved(directory, gone, own);
  for (const { path, sha256: hash, last } of gone) {
    const to = places.get(path);
    if (to === undefined) drift.missing.push({ path: last });
    else {
      drift.moved.push({ from: last, to });
      tellEdited(drift, to, await readOwned(directory, to), hash);
    }
  }
}

function tellEdited(drift: Drifting, path: string, found: OwnedFile, hash: string): void {
  if (found.kind === 'blocked') drift.edited.push({ path, what: `it is ${found.what}` });
  if (found.kind === 'file' && found.sha256 !== hash) drift.edited.push({ path });
}
