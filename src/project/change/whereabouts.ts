/** Where a project's owner has the generated files now. */
import type { Manifest, ManifestFile } from '../manifest.ts';
import { listFiles, type OwnedFile, readOwned } from './read-owned.ts';

/** Where the manifest has seen it last, or in its first place. */
export async function whereabouts(
  directory: string,
  path: string,
  { movedTo }: Pick<ManifestFile, 'movedTo'>,
): Promise<{ readonly at: string; readonly found: OwnedFile }> {
  for (const at of movedTo ? [movedTo, path] : [path]) {
    const found = await readOwned(directory, at);
    if (found.kind !== 'nothing') return { at, found };
  }
  return { at: path, found: { kind: 'nothing' } };
}

/** The files that are the owner's own: neither generated before, nor to be generated. @param planned the paths of the plan */
export async function ownersFiles(
  directory: string,
  { files }: Pick<Manifest, 'files'>,
  planned: Iterable<string>,
): Promise<string[]> {
  const known = new Set([...Object.keys(files), ...planned]);
  for (const { movedTo } of Object.values(files)) if (movedTo) known.add(movedTo);
  return (await listFiles(directory)).filter(path => !known.has(path));
}
