/** The project's own records of what was generated: manifest, baseline, and what is left to settle. */
import { baselinePath, recordsOf } from '../manifest.ts';
import type { FileWrite } from '../transaction/journal.ts';
import { removal, stateOf } from './file-writes.ts';
import type { ChangeRequest, FileOutcome, Result } from './model.ts';
import { PENDING_PATH, pendingFiles, pendingText } from './pending.ts';
import { readOwned } from './read-owned.ts';

/** What of the records has to be written or removed. */
export async function recordWrites(
  { directory, plan, answers, version, command, manifest }: ChangeRequest,
  results: readonly Result[],
  files: readonly FileOutcome[],
): Promise<FileWrite[]> {
  const places = new Map(
    results.flatMap(({ subject: { generated }, place }) =>
      generated && place ? [[generated.path, place] as const] : [],
    ),
  );
  const records = recordsOf(plan, answers, version, places);
  const writes: FileWrite[] = [];
  for (const { path, bytes, mode } of records) {
    const found = await readOwned(directory, path);
    if (found.kind === 'file' && found.bytes.equals(bytes)) continue;
    writes.push({
      path,
      content: bytes,
      mode: found.kind === 'file' ? found.mode : mode,
      expected: stateOf(found),
    });
  }
  const pending = await readOwned(directory, PENDING_PATH);
  const conflicts = pendingFiles(files);
  if (conflicts.length > 0) {
    const text = pendingText({
      command,
      from: manifest.answers.stage,
      to: answers.stage,
      files: conflicts,
    });
    writes.push({ path: PENDING_PATH, content: Buffer.from(text), mode: 0o644, expected: stateOf(pending) });
  } else if (pending.kind === 'file') writes.push(removal(PENDING_PATH, pending));
  const still = new Set(records.map(({ path }) => path));
  const old = new Set(Object.values(manifest.files).map(entry => baselinePath(entry.sha256)));
  for (const path of [...old].filter(each => !still.has(each))) {
    const found = await readOwned(directory, path);
    if (found.kind === 'file') writes.push(removal(path, found));
  }
  return writes;
}
