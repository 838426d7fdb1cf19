/** The bytes as they were generated, from wherever they still are. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFromHistory } from '../git.ts';
import { baselinePath, type Manifest, sha256 } from '../manifest.ts';

/**
 * The baseline of each file in the manifest. A file whose record is gone or damaged is looked for in git's history and among
 * `others`, and taken only if its hash is right; what is found nowhere is absent.
 * @param others bytes that may be what is looked for, such as the files as they would be generated again
 */
export async function readBaseline(
  directory: string,
  manifest: Manifest,
  others: () => Promise<ReadonlyMap<string, Buffer>>,
): Promise<Map<string, Buffer>> {
  const baseline = new Map<string, Buffer>();
  const lost: [path: string, hash: string][] = [];
  await Promise.all(
    Object.entries(manifest.files).map(async ([path, { sha256: hash }]) => {
      const bytes = await readRecord(directory, hash);
      if (bytes) baseline.set(path, bytes);
      else lost.push([path, hash]);
    }),
  );
  if (lost.length === 0) return baseline;
  const elsewhere = await others();
  for (const [path, hash] of lost) {
    const found = elsewhere.get(path);
    const bytes =
      found && sha256(found) === hash ? found : await readFromHistory(directory, baselinePath(hash));
    if (bytes && sha256(bytes) === hash) baseline.set(path, bytes);
  }
  return baseline;
}

/** The record with this hash, if it is there and whole. */
export async function readRecord(directory: string, hash: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(join(directory, baselinePath(hash)));
    return sha256(bytes) === hash ? bytes : undefined;
  } catch {
    return undefined;
  }
}
