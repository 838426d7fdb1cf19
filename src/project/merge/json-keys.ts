/** Merges package.json and tsconfig.json by key, and touches no byte of yours but those of the keys that change. */
import { messageOf } from '../../errors.ts';
import { followMoves, laterVersion, sortedPlace } from './dependencies.ts';
import { commentsIn, jsonEdits } from './json-edits.ts';
import { parseJson } from './json-tree.ts';
import type { Merged, Sides } from './sides.ts';
import { commentGuard, decide } from './three-way.ts';
import { applyEdits, type Node, named, same } from './tree.ts';
import { keyedMerge, type MergeOptions, settled, wholeFileConflict } from './whole-file.ts';

/**
 * Texts come and go with LF and without BOM. The result parses and no key stands twice in it; where that cannot be had,
 * yours stays whole. Never a conflict marker.
 */
export function mergeJson(sides: Sides<string>, { mode }: MergeOptions): Merged<string> {
  const quick = settled(sides);
  if (quick) return quick;
  try {
    return merge(sides, mode);
  } catch (error) {
    return wholeFileConflict(sides, mode, `the whole file (${messageOf(error)})`);
  }
}

/** @throws Error where a side is no JSON, or the result would be none */
function merge(sides: Sides<string>, mode: MergeOptions['mode']): Merged<string> {
  const parse = parserFor(parseJson(sides.generated));
  const yours = parse(sides.yours);
  const { base, generated, notes } = followMoves(baseOf(sides), yours, parseJson(sides.generated));
  const decisions = decide(base, yours, generated, {
    theirs: mode === 'theirs',
    open: () => true,
    ordered: () => false,
    losesComment: commentGuard(sides, commentsIn, (node, other) =>
      other ? node : { start: node.from, end: node.to },
    ),
    settle: laterVersion,
    place: sortedPlace,
  });
  const content = applyEdits(sides.yours, jsonEdits(sides.yours, sides.generated, decisions.changes));
  if (!same(parse(content), decisions.merged)) throw new Error('its keys could not be merged');
  const conflicts = decisions.conflicts.map(({ path }) => named(path));
  return keyedMerge(sides, mode, { content, conflicts, notes: [...notes, ...decisions.notes] });
}

function baseOf({ base }: Sides<string>): Node | undefined {
  try {
    return base === undefined ? undefined : parseJson(base);
  } catch {
    return undefined;
  }
}

/** npm takes neither comments nor trailing commas. */
function parserFor({ entries }: Node): (text: string) => Node {
  const isPackage = entries?.has('name') && (entries.has('version') || entries.has('private'));
  return text => {
    if (isPackage) JSON.parse(text);
    return parseJson(text);
  };
}
