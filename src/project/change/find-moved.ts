/** Finds files that their owner has moved: by their bytes, then by how many lines they share. */
import { readOwned } from './read-owned.ts';

/** A file that looked like this before, and is no longer where it was. */
export interface Missing {
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** Share of lines in common from which on a file is taken for the missing one, as git does for renames (there 50 %). */
const ALIKE = 0.6;
/** Shorter files resemble each other by chance. */
const FEWEST_LINES = 5;
const LARGEST_BYTES = 1_000_000;

/**
 * Where missing files are now. A file that could be several places is in none: guessing would put one file's changes into another.
 * @param candidates paths of files that were not generated
 */
export async function findMoved(
  directory: string,
  missing: readonly Missing[],
  candidates: readonly string[],
): Promise<Map<string, string>> {
  const moved = new Map<string, string>();
  if (missing.length === 0) return moved;
  const files = (
    await Promise.all(candidates.map(async path => ({ path, found: await readOwned(directory, path) })))
  )
    .flatMap(({ path, found }) =>
      found.kind === 'file' && found.bytes.length <= LARGEST_BYTES ? [{ path, ...found }] : [],
    )
    .map(file => ({ ...file, lines: linesOf(file.bytes) }));
  const taken = new Set<string>();
  const match = (matches: (lost: Missing, lines: LineCounts, file: (typeof files)[number]) => boolean) => {
    for (const lost of missing.filter(({ path }) => !moved.has(path))) {
      const lines = linesOf(lost.bytes);
      const alike = files.filter(file => !taken.has(file.path) && matches(lost, lines, file));
      const [only] = alike;
      if (alike.length !== 1 || !only) continue;
      moved.set(lost.path, only.path);
      taken.add(only.path);
    }
  };
  match((lost, lines, file) => lines.total >= FEWEST_LINES && file.sha256 === lost.sha256);
  match((_lost, lines, file) => lines.total >= FEWEST_LINES && similarity(lines, file.lines) >= ALIKE);
  return moved;
}

interface LineCounts {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

function linesOf(bytes: Buffer): LineCounts {
  const counts = new Map<string, number>();
  let total = 0;
  for (const line of bytes
    .toString('utf8')
    .split('\n')
    .map(each => each.trim())) {
    if (line === '') continue;
    counts.set(line, (counts.get(line) ?? 0) + 1);
    total++;
  }
  return { counts, total };
}

/** LineCounts in common, of all lines: 0 to 1 (Dice's coefficient on lines that are not blank). */
function similarity(a: LineCounts, b: LineCounts): number {
  let common = 0;
  for (const [line, count] of a.counts) common += Math.min(count, b.counts.get(line) ?? 0);
  return a.total + b.total === 0 ? 0 : (2 * common) / (a.total + b.total);
}
