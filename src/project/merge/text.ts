/** Merges text line by line: three ways, as `git merge-file --diff3` does, without needing git. */
import { hunksBetween } from './line-diff.ts';
import type { ConflictMode, Labels, Merged, Sides } from './sides.ts';
import { finalNewline, linesOf, textOf } from './text-shape.ts';
import { type MergeOptions, settled, wholeFileConflict } from './whole-file.ts';

export const WHOLE_FILE = 'the whole file';

/** With more lines than these in conflict, the generated file is read better beside the owner's than inside it. */
const READABLE_LINES = 1000;

type Lines = readonly string[];

/** The same place in all three. The merged file is made of these, in order. */
interface Part extends Sides<Lines> {
  /** Where it starts in yours, counted from 0. */
  readonly at: number;
}

/**
 * Texts have LF and no BOM. Agrees with git on what is a conflict (edits of neighbouring lines are) and on the bytes of what is
 * none; but a final newline is no part of the last line: it is the owner's unless only the generator changed it.
 * Where most lines repeat, a few edits in a thousand are in conflict here and not there, since another of them seems to have changed.
 * Conflicts are told as lines of `content`, in every mode. Texts too unlike for bounded work are one conflict.
 */
export function mergeText(sides: Sides<string>, { mode, labels }: MergeOptions): Merged<string> {
  const quick = settled(sides);
  if (quick) return quick;
  const [yours, generated] = [linesOf(sides.yours), linesOf(sides.generated)];
  const parts =
    sides.base === undefined
      ? addedByBoth(yours, generated)
      : partsOf({ base: linesOf(sides.base), yours, generated });
  if (!parts || (mode === 'inline' && linesInConflict(parts) > READABLE_LINES))
    return wholeFileConflict(sides, mode, WHOLE_FILE);
  const { lines, conflicts } = rendered(parts, mode, labels);
  const content = textOf(lines, finalNewline(sides));
  if (!conflicts.length || mode === 'ours' || mode === 'inline') return { content, conflicts, notes: [] };
  const whole = wholeFileConflict(sides, mode, WHOLE_FILE);
  return { ...whole, conflicts, ...(mode === 'theirs' && { content }) };
}

/** Changes of one side and of the other that touch each other are one part, as in git. */
function partsOf(sides: Record<keyof Sides<Lines>, Lines>): Part[] | undefined {
  const own = hunksBetween(sides.base, sides.yours);
  const generators = own && hunksBetween(sides.base, sides.generated);
  if (!generators) return undefined;
  const hunks = [
    ...own.map(hunk => ({ ...hunk, of: 'yours' as const })),
    ...generators.map(hunk => ({ ...hunk, of: 'generated' as const })),
  ].sort((a, b) => a.start - b.start);
  const parts: Part[] = [];
  /** How far each side has moved against the base. */
  const shift = { yours: 0, generated: 0 };
  let [at, yoursAt, generatedAt] = [0, 0, 0];
  const cut = (end: number) => {
    const [yoursEnd, generatedEnd] = [end + shift.yours, end + shift.generated];
    parts.push({
      base: sides.base.slice(at, end),
      yours: sides.yours.slice(yoursAt, yoursEnd),
      generated: sides.generated.slice(generatedAt, generatedEnd),
      at: yoursAt,
    });
    [at, yoursAt, generatedAt] = [end, yoursEnd, generatedEnd];
  };
  let end = -1;
  for (const hunk of hunks) {
    if (hunk.start > end) {
      if (end >= 0) cut(end);
      cut(hunk.start);
    }
    end = Math.max(end, hunk.end);
    shift[hunk.of] = hunk.toEnd - hunk.end;
  }
  if (end >= 0) cut(end);
  cut(sides.base.length);
  return parts;
}

/** Without a base, all that differs is in conflict; what both begin and end with is not. */
function addedByBoth(yours: Lines, generated: Lines): Part[] {
  const shorter = Math.min(yours.length, generated.length);
  let start = 0;
  while (start < shorter && yours[start] === generated[start]) start++;
  let tail = 0;
  while (tail < shorter - start && yours.at(-1 - tail) === generated.at(-1 - tail)) tail++;
  const end = yours.length - tail;
  const part = (from: number, to: number, generatedTo: number): Part => ({
    base: undefined,
    yours: yours.slice(from, to),
    generated: generated.slice(Math.min(from, generatedTo), generatedTo),
    at: from,
  });
  return [
    part(0, start, start),
    { ...part(start, end, generated.length - tail) },
    { base: undefined, yours: yours.slice(end), generated: yours.slice(end), at: end },
  ];
}

/** What both sides make of a part; undefined for a conflict. */
function outcomeOf({ base, yours, generated }: Part): Lines | undefined {
  if (same(yours, generated) || (base && same(base, generated))) return yours;
  return base && same(base, yours) ? generated : base && importsOf(base, yours, generated);
}

const IMPORT = /^import\s.*['"];?$/;

/** Imports have no order: what one side only added to them is in nobody's way. Git would call it a conflict. */
function importsOf(base: Lines, yours: Lines, generated: Lines): Lines | undefined {
  const all = [...base, ...yours, ...generated];
  if (all.length > READABLE_LINES || !all.every(line => IMPORT.test(line))) return undefined;
  const only = [yours, generated].some(side => base.every(line => side.includes(line)));
  if (!only) return undefined;
  const lines = yours.filter(line => generated.includes(line) || !base.includes(line));
  generated.forEach((line, at) => {
    if (base.includes(line) || yours.includes(line)) return;
    lines.splice(lines.indexOf(generated[at - 1] ?? '') + 1, 0, line);
  });
  return lines;
}

function same(some: Lines, others: Lines): boolean {
  return some.length === others.length && some.every((line, at) => line === others[at]);
}

function linesInConflict(parts: readonly Part[]): number {
  return parts
    .filter(part => !outcomeOf(part))
    .reduce((sum, { yours, generated }) => sum + yours.length + generated.length, 0);
}

function rendered(parts: readonly Part[], mode: ConflictMode, labels: Labels) {
  const conflicts: string[] = [];
  let at = 0;
  const chunks = parts.map(part => {
    const outcome = outcomeOf(part);
    const lines =
      outcome ??
      (mode === 'inline' ? withMarkers(part, labels) : mode === 'theirs' ? part.generated : part.yours);
    if (!outcome) conflicts.push(placeOf(mode === 'sidecar' ? part.at : at, lines.length));
    at += lines.length;
    return lines;
  });
  return { lines: chunks.flat(), conflicts };
}

function withMarkers({ base, yours, generated }: Part, labels: Labels): Lines {
  return [
    ...[`<<<<<<< ${labels.yours}`, ...yours],
    ...[`||||||| ${labels.base}`, ...(base ?? [])],
    ...['=======', ...generated, `>>>>>>> ${labels.generated}`],
  ];
}

/** Lines as editors count them. */
function placeOf(at: number, count: number): string {
  if (count > 1) return `lines ${at + 1}-${at + count}`;
  return count ? `line ${at + 1}` : at ? `after line ${at}` : 'before line 1';
}
