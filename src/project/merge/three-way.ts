/** What becomes of each key when its owner and the generator have both changed the file. */
import type { Sides } from './sides.ts';
import { identity, type Node, named, type Path, type Shape, same } from './tree.ts';

/** What has to be done to yours. */
export type Change =
  /** A key that only the generator has; `after`: the key of yours that it goes behind, if any; `only`: the keys of it that are taken. */
  | {
      readonly kind: 'add';
      readonly path: Path;
      readonly parent: Node;
      readonly after: string | undefined;
      readonly key: string;
      readonly node: Node;
      readonly only?: ReadonlySet<string>;
    }
  | { readonly kind: 'set'; readonly path: Path; readonly yours: Node; readonly node: Node }
  | {
      readonly kind: 'remove';
      readonly path: Path;
      readonly parent: Node;
      readonly key: string;
      readonly yours: Node;
    }
  | {
      readonly kind: 'items';
      readonly path: Path;
      readonly yours: Node;
      readonly removed: readonly Node[];
      readonly added: readonly Node[];
    };

export interface Conflict {
  readonly path: Path;
  /** What the three sides have there. */
  readonly base: Shape | undefined;
  readonly yours: Shape;
  readonly generated: Shape;
}

export interface Decisions {
  readonly changes: readonly Change[];
  readonly conflicts: readonly Conflict[];
  readonly notes: readonly string[];
  /** What the file has to mean once the changes are made. */
  readonly merged: Shape;
}

/** What differs between JSON and YAML. */
export interface Rules {
  /** Conflicts are settled for the generated side. */
  readonly theirs: boolean;
  /** Whether single keys of this mapping of yours can be changed in its text. */
  readonly open: (yours: Node) => boolean;
  /** Whether the order of this list counts. */
  readonly ordered: (path: Path) => boolean;
  /** Whether taking this out, or putting `generated` there, would lose a comment that the owner wrote. */
  readonly losesComment: (yours: Node, generated?: Node) => boolean;
  /** A better way than a conflict where both changed a scalar. */
  readonly settle?: (
    path: Path,
    yours: Node,
    generated: Node,
  ) => { take: 'yours' | 'generated'; note: string } | undefined;
  /** For the keys that such a parent keeps: the one that a new key goes behind, if not the one before it in generated. */
  readonly place?: (
    parent: Path,
    keys: readonly string[],
  ) => ((key: string) => string | undefined) | undefined;
}

/** Pure: texts are touched by nobody here. */
export function decide(base: Node | undefined, yours: Node, generated: Node, rules: Rules): Decisions {
  const changes: Change[] = [];
  const conflicts: Conflict[] = [];
  const notes: string[] = [];
  const merged = mergeValue([], base, yours, generated);
  return { changes, conflicts, notes, merged };

  function mergeValue(path: Path, base: Node | undefined, yours: Node, generated: Node): Shape {
    if (same(yours, generated) || same(base, generated)) return yours;
    if (yours.entries && generated.entries && rules.open(yours) && sameMark(base, yours, generated))
      return { ...shapeOf(yours), entries: mergeEntries(path, base?.entries, yours, generated) };
    if (same(base, yours)) return rules.losesComment(yours, generated) ? conflict() : take();
    const items = mergeItems(path, base, yours, generated);
    if (items) return items;
    const settled = rules.settle?.(path, yours, generated);
    if (!settled) return conflict();
    notes.push(settled.note);
    return settled.take === 'yours' ? yours : take();

    function take(): Shape {
      changes.push({ kind: 'set', path, yours, node: generated });
      return generated;
    }
    function conflict(): Shape {
      conflicts.push({ path, base, yours, generated });
      return rules.theirs ? take() : yours;
    }
  }

  function mergeEntries(
    path: Path,
    base: ReadonlyMap<string, Node> | undefined,
    parent: Node,
    { entries: generated = new Map() }: Node,
  ): ReadonlyMap<string, Shape> {
    const result = new Map<string, Shape>();
    for (const [key, yours] of parent.entries ?? []) {
      const here = [...path, key];
      const [before, now] = [base?.get(key), generated.get(key)];
      if (now) result.set(key, mergeValue(here, before, yours, now));
      else if (!before) result.set(key, yours);
      else if (same(before, yours) && !rules.losesComment(yours))
        changes.push({ kind: 'remove', path: here, parent, key, yours });
      else {
        notes.push(`${named(here)}: no longer generated, but you changed it, so it stays`);
        result.set(key, yours);
      }
    }
    const place = rules.place?.(path, [...result.keys()]);
    let after: string | undefined;
    for (const [key, node] of generated) {
      if (parent.entries?.has(key)) after = key;
      else {
        const added = addEntry([...path, key], base?.get(key), parent, node, place ? place(key) : after);
        if (added) result.set(key, added);
      }
    }
    return result;
  }

  function addEntry(
    path: Path,
    base: Node | undefined,
    parent: Node,
    node: Node,
    after: string | undefined,
  ): Shape | undefined {
    const key = path.at(-1) ?? '';
    const only = base && newKeys(path, base, node);
    if (base && !same(base, node) && (!only || hasOtherChanges(base, node)))
      notes.push(`${named(path)}: generated changed it, but you removed it, so it stays removed`);
    if (base && !only) return undefined;
    changes.push({ kind: 'add', path, parent, after, key, node, ...(only && { only }) });
    const entries = [...(node.entries ?? [])].filter(([inner]) => only?.has(inner));
    return only ? { ...shapeOf(node), entries: new Map(entries) } : node;
  }

  /** Lists of scalars are sets: what either side added is in, what either removed is out, and yours gives the order. */
  function mergeItems(path: Path, base: Node | undefined, yours: Node, generated: Node): Shape | undefined {
    const sides = [base ?? { items: [] }, yours, generated];
    if (rules.ordered(path) || !sides.every(isSet) || !sameMark(base, yours, generated)) return undefined;
    const [before, mine, now] = sides.map(side => new Map(side.items?.map(item => [identity(item), item])));
    if (!before || !mine || !now) return undefined;
    const gone = new Set([...before.keys()].filter(id => !now.has(id)));
    const added = new Set([...now.keys()].filter(id => !before.has(id) && !mine.has(id)));
    // One entry that each side replaced by another: both together are not what either wanted.
    const replacedByBoth =
      [...gone].some(id => !mine.has(id)) && [...mine.keys()].some(id => !before.has(id) && !now.has(id));
    if (replacedByBoth && added.size > 0) return undefined;
    const kept = (yours.items ?? []).filter(item => !gone.has(identity(item)));
    const removed = (yours.items ?? []).filter(item => gone.has(identity(item)));
    if (removed.some(item => rules.losesComment(item))) return undefined;
    const add = (generated.items ?? []).filter(item => added.has(identity(item)));
    changes.push({ kind: 'items', path, yours, removed, added: add });
    return { ...shapeOf(yours), items: [...kept, ...add] };
  }
}

/** A whole section that its owner emptied and removed (`volumes`, `dependencies`) still takes what the generator adds to it. */
function newKeys(path: Path, base: Node, { entries, mark }: Node): ReadonlySet<string> | undefined {
  if (path.length > 1 || mark || !base.entries || !entries) return undefined;
  const keys = [...entries.keys()].filter(key => !base.entries?.has(key));
  return keys.length > 0 ? new Set(keys) : undefined;
}

function hasOtherChanges(base: Node, { entries }: Node): boolean {
  return [...(base.entries ?? [])].some(
    ([key, value]) => entries?.has(key) && !same(value, entries.get(key)),
  );
}

function isSet({ items }: Shape): boolean {
  const single = items?.every(item => item.leaf !== undefined || item.entries?.has('path'));
  return Boolean(single) && new Set(items?.map(identity)).size === items?.length;
}

const sameMark = (base: Shape | undefined, yours: Shape, generated: Shape) =>
  yours.mark === generated.mark && (!base || base.mark === yours.mark);

const shapeOf = ({ mark }: Shape): Shape => (mark === undefined ? {} : { mark });

/** Tells comments that the owner wrote from those that were generated; `lost` are the parts of yours that a change takes out. */
export function commentGuard(
  { base = '', yours }: Sides<string>,
  commentsIn: (text: string) => readonly string[],
  lost: (yours: Node, generated?: Node) => { start: number; end: number },
): Rules['losesComment'] {
  let known: ReadonlySet<string> | undefined;
  return (...nodes) => {
    const { start, end } = lost(...nodes);
    const comments = commentsIn(yours.slice(start, end));
    if (comments.length > 0) known ??= new Set(commentsIn(base));
    return comments.some(comment => !known?.has(comment));
  };
}
