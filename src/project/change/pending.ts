/** What the last run left for the project's owner to settle: kept in the project, so that CI sees it too. */
import type { StageName } from '../../journey/stages.ts';
import type { FileOutcome } from './model.ts';
import { readOwned } from './read-owned.ts';

export const PENDING_PATH = '.stage/pending.json';

export interface PendingFile {
  readonly path: string;
  readonly conflicts: readonly string[];
  /** Gone when it is settled; without one, the file has conflict markers until then. */
  readonly sidecar?: string;
}

export interface Pending {
  readonly command: 'grow' | 'regenerate';
  readonly from: StageName;
  readonly to: StageName;
  readonly files: readonly PendingFile[];
}

/** The conflicts among what became of a project's files. */
export function pendingFiles(outcomes: readonly FileOutcome[]): PendingFile[] {
  return outcomes.flatMap(({ path, status, conflicts = [], sidecar }) =>
    status === 'conflict' ? [{ path, conflicts, ...(sidecar === undefined ? {} : { sidecar }) }] : [],
  );
}

export function pendingText(pending: Pending): string {
  return `${JSON.stringify(pending, null, 2)}\n`;
}

/** What is still to be settled: sidecars that are there, and markers that are in their files. Empty if nothing is. */
export async function openConflicts(directory: string): Promise<PendingFile[]> {
  const still: PendingFile[] = [];
  for (const file of (await readPending(directory))?.files ?? []) {
    const found = await readOwned(directory, file.sidecar ?? file.path);
    if (found.kind === 'file' && (file.sidecar !== undefined || hasMarkers(found.bytes))) still.push(file);
  }
  return still;
}

/** @throws Error if the file is there and cannot be read as what it should be */
export async function readPending(directory: string): Promise<Pending | undefined> {
  const found = await readOwned(directory, PENDING_PATH);
  if (found.kind !== 'file') return undefined;
  return JSON.parse(found.bytes.toString('utf8')) as Pending;
}

export function hasMarkers(bytes: Buffer): boolean {
  return /^(<{7} |>{7} )/m.test(bytes.toString('utf8'));
}
