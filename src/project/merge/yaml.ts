/** Merges compose.yaml, workflows and openapi.yaml: by lines where that keeps every change, else by key. */
import { messageOf } from '../../errors.ts';
import { danglingIn, withTargets } from './references.ts';
import type { Merged, Sides } from './sides.ts';
import { mergeText } from './text.ts';
import { type Conflict, commentGuard, type Decisions, decide } from './three-way.ts';
import { applyEdits, grouped, type Node, named, type Shape, same, valueAt, withValue } from './tree.ts';
import { keyedMerge, type MergeOptions, settled, wholeFileConflict } from './whole-file.ts';
import { commentsIn, lostRange, yamlEdits } from './yaml-edits.ts';
import { parseYaml } from './yaml-tree.ts';

/** Lists of words whose order has a meaning, so that they are no sets. */
const ORDERED = new Set(['command', 'entrypoint', 'test', 'args', 'run', 'shell']);

/**
 * Texts come and go with LF and without BOM. The result parses, no key stands twice in it, what it refers to in itself is there, and
 * it has each side's changes; where that cannot be had, yours stays whole. Never a conflict marker.
 */
export function mergeYaml(sides: Sides<string>, options: MergeOptions): Merged<string> {
  const quick = settled(sides);
  if (quick) return quick;
  try {
    return merge(sides, options);
  } catch (error) {
    const why = messageOf(error).split('\n')[0];
    return wholeFileConflict(sides, options.mode, `the whole file (${why})`);
  }
}

/** @throws Error where a side is not one YAML document, or the result would not be what it has to mean */
function merge(sides: Sides<string>, options: MergeOptions): Merged<string> {
  const closed = {
    base: closeLine(sides.base ?? ''),
    yours: closeLine(sides.yours),
    generated: closeLine(sides.generated),
  };
  const base = sides.base === undefined ? undefined : parsedOrNone(sides.base);
  const [yours, generated] = [parseYaml(closed.yours), parseYaml(closed.generated)];
  const decideFor = (text: string, node: Node) => {
    const losesComment = commentGuard(
      { ...closed, yours: text },
      commentsIn,
      lostRange(text, closed.generated),
    );
    const decisions = decide(base, node, generated, {
      theirs: options.mode === 'theirs',
      open: ({ column }) => column !== undefined,
      ordered: path => ORDERED.has(path.at(-1) ?? ''),
      losesComment,
    });
    return withTargets(decisions, base, node, generated, losesComment);
  };
  const decisions = decideFor(closed.yours, yours);
  const byLine = mergeText(sides, { ...options, mode: 'inline' });
  if (byLine.conflicts.length === 0 && keepsAll(parsedOrNone(byLine.content), decisions))
    return { content: byLine.content, conflicts: [], notes: decisions.notes };
  const edited = (text: string, node: Node | undefined, scaled: boolean) => {
    if (!node) return undefined;
    const { changes } = decideFor(text, node);
    const edits = yamlEdits(closed.base, [text, node], [closed.generated, generated], changes, scaled);
    const result = applyEdits(text, edits);
    return same(parsedOrNone(result), decisions.merged, true) ? result : undefined;
  };
  // What lines can bring in comes with its comments. The rest is brought in by key.
  const eased = closeLine(mergeText(closed, { ...options, mode: 'ours' }).content);
  // What hangs below a dash or in a block of text is not always indented in whole steps.
  const content =
    orNone(() => edited(eased, parsedOrNone(eased), true)) ??
    edited(closed.yours, yours, true) ??
    edited(closed.yours, yours, false);
  if (content === undefined) throw new Error('its keys could not be merged');
  return keyedMerge(sides, options.mode, {
    content: sides.yours === closed.yours ? content : content.replace(/\n$/, ''),
    conflicts: decisions.conflicts.map(({ path }) => named(path)),
    notes: decisions.notes,
  });
}

const closeLine = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);

function orNone<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const parsedOrNone = (text: string) => orNone(() => parseYaml(text));

/** Whether a merge by lines has every change of both sides, also inside lists that a merge by key leaves alone. */
function keepsAll(result: Node | undefined, { merged, conflicts }: Decisions): boolean {
  if (!result) return false;
  let wanted = merged;
  for (const conflict of conflicts) {
    const there = valueAt(result, conflict.path);
    if (!there || !isSettledBy(conflict, there)) return false;
    wanted = withValue(wanted, conflict.path, there);
  }
  // What it took over inside lists may refer to something that is not there.
  return same(result, wanted, true) && danglingIn(result).length <= danglingIn(merged).length;
}

function isSettledBy({ base, yours, generated }: Conflict, there: Shape): boolean {
  // What stood in the way of the generated value was a comment.
  if (same(base, yours)) return same(there, generated, true);
  if (!base?.items || !yours.items || !generated.items) return false;
  const [before, mine, now, after] = [base, yours, generated, there].map(leafCounts);
  if (!before || !mine || !now || !after) return false;
  const count = (side: ReadonlyMap<string, number>, leaf: string) => side.get(leaf) ?? 0;
  return [...new Set([before, mine, now, after].flatMap(side => [...side.keys()]))].every(leaf => {
    const [was, own, new_] = [count(before, leaf), count(mine, leaf), count(now, leaf)];
    // What both added is there once, if it is the same addition, or twice.
    return [own + new_ - was, ...(own === new_ ? [own] : [])].includes(count(after, leaf));
  });
}

/** How often each scalar stands under the same keys, wherever in a list. */
function leafCounts(shape: Shape): ReadonlyMap<string, number> {
  const counts = grouped(leavesOf(shape, ''), leaf => leaf);
  return new Map([...counts].map(([leaf, all]) => [leaf, all.length]));
}

function leavesOf({ leaf, items, entries, mark = '' }: Shape, path: string): string[] {
  const own = `${path} ${mark}`;
  if (leaf !== undefined) return [`${own} ${leaf}`];
  if (items) return [own, ...items.flatMap(item => leavesOf(item, `${path}[]`))];
  return [own, ...[...(entries ?? [])].flatMap(([key, value]) => leavesOf(value, `${path}.${key}`))];
}
