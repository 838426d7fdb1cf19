/** Which lines two texts share, found with bounded work. */
import { diffArrays } from 'diff';

/** Where a line is in the first text and where in the second, counted from 0. */
export type Pair = readonly [from: number, to: number];

/** Lines `start` up to `end` of the first text became `toStart` up to `toEnd` of the second; ends excluded. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly toStart: number;
  readonly toEnd: number;
}

/** Lines removed and added among those that both texts have. Work grows with its square: at worst 0.4 s on a slow machine. */
const MOST_EDITS = 1000;

/** The lines that were kept, in order; undefined where the texts are too unlike for bounded work. */
export function pairsBetween(from: readonly string[], to: readonly string[]): Pair[] | undefined {
  const [shared, toShared] = [sharedLines(from, to), sharedLines(to, from)];
  // Numbers, since long lines that are alike would be compared over and over.
  const numbers = new Map(shared.map(at => [from[at], at]));
  const changes = diffArrays(
    shared.map(at => numbers.get(from[at])),
    toShared.map(at => numbers.get(to[at])),
    { maxEditLength: MOST_EDITS },
  );
  let [at, toAt] = [0, 0];
  return changes?.flatMap(({ count, added, removed }) => {
    const [places, toPlaces] = [shared.slice(at, at + count), toShared.slice(toAt, toAt + count)];
    if (!added) at += count;
    if (!removed) toAt += count;
    return added || removed ? [] : places.map((place, offset): Pair => [place, toPlaces[offset] ?? 0]);
  });
}

/** Where the lines are that the other text has too: only those can be kept. */
function sharedLines(lines: readonly string[], others: readonly string[]): number[] {
  const known = new Set(others);
  return lines.flatMap((line, at) => (known.has(line) ? [at] : []));
}

/** The changes in order, no two of them touching; undefined where the texts are too unlike for bounded work. */
export function hunksBetween(from: readonly string[], to: readonly string[]): Hunk[] | undefined {
  let [start, toStart] = [0, 0];
  const hunks = pairsBetween(from, to)
    ?.concat([[from.length, to.length]])
    .flatMap(([end, toEnd]) => {
      const hunk = { start, end, toStart, toEnd };
      [start, toStart] = [end + 1, toEnd + 1];
      return hunk.end > hunk.start || hunk.toEnd > hunk.toStart ? [hunk] : [];
    });
  return hunks && slid(hunks, from, to);
}

/**
 * Of lines that repeat, either the first or the last may be the new one. As git does: one hunk out of two where they can meet, and
 * otherwise the last. Without that, two sides that made the same change could seem to have changed different lines.
 */
function slid(hunks: readonly Hunk[], from: readonly string[], to: readonly string[]): Hunk[] {
  const result: Hunk[] = [];
  let rest: Hunk | undefined;
  for (const [at, found] of hunks.entries()) {
    const hunk = rest ? joined(rest, found) : found;
    rest = undefined;
    const pure = hunk.start === hunk.end || hunk.toStart === hunk.toEnd;
    const [lines, first, end] =
      hunk.start === hunk.end ? [to, hunk.toStart, hunk.toEnd] : [from, hunk.start, hunk.end];
    const room = pure ? (hunks[at + 1]?.start ?? from.length) - hunk.end : 0;
    let down = 0;
    while (down < room && lines[first + down] === lines[end + down]) down++;
    const previous = result.at(-1);
    const gap = previous ? hunk.start - previous.end : Infinity;
    let up = 0;
    while (pure && up < gap && first > up && lines[first - 1 - up] === lines[end - 1 - up]) up++;
    if (down && down === room && at + 1 < hunks.length) rest = moved(hunk, down);
    else if (previous && up === gap) result[result.length - 1] = joined(previous, moved(hunk, -up));
    else result.push(moved(hunk, down));
  }
  return result;
}

function moved({ start, end, toStart, toEnd }: Hunk, by: number): Hunk {
  return { start: start + by, end: end + by, toStart: toStart + by, toEnd: toEnd + by };
}

function joined(first: Hunk, second: Hunk): Hunk {
  return { start: first.start, end: second.end, toStart: first.toStart, toEnd: second.toEnd };
}
