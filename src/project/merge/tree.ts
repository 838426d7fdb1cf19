/** A structured file as a tree that knows where each value stands in its text. */

/** What a value is, whatever it looks like: equal shapes mean the same to whoever reads the file. */
export interface Shape {
  /** A scalar: its text, in a form that tells `"1"` from `1`. */
  readonly leaf?: string;
  readonly items?: readonly Shape[];
  readonly entries?: ReadonlyMap<string, Shape>;
  /** A YAML anchor or tag on it. */
  readonly mark?: string;
}

export interface Node extends Shape {
  readonly items?: readonly Node[];
  readonly entries?: ReadonlyMap<string, Node>;
  /** Where its text starts and ends, without its key. */
  readonly start: number;
  readonly end: number;
  /** Where its key starts; its own start for an item of a list and for the root. */
  readonly keyStart: number;
  /** All that goes when it is taken out: its comments are in there. */
  readonly from: number;
  readonly to: number;
  /** JSON: where the comma behind it stands, if there is one. */
  readonly comma?: number | undefined;
  /** YAML: the column of its keys or dashes, if each of them starts a line. */
  readonly column?: number | undefined;
  /** YAML: whether it stands between brackets. */
  readonly flow?: boolean;
}

export type Path = readonly string[];

/** As a person would look for it in the file: `scripts.start`. */
export const named = (path: Path) => path.join('.') || 'the whole file';

/** Whether both mean the same. The order of keys never counts; that of a list's scalars only if not `loose`. */
export function same(a: Shape | undefined, b: Shape | undefined, loose = false): boolean {
  if (a === b) return true;
  if (!a || !b || a.leaf !== b.leaf || (a.mark ?? '') !== (b.mark ?? '')) return false;
  if (a.items && b.items) {
    if (loose && [...a.items, ...b.items].every(item => item.leaf !== undefined))
      return String(a.items.map(identity).sort()) === String(b.items.map(identity).sort());
    const others = b.items;
    return a.items.length === others.length && a.items.every((item, i) => same(item, others[i], loose));
  }
  if (!a.entries || !b.entries) return !a.items === !b.items && !a.entries === !b.entries;
  const others = b.entries;
  return (
    a.entries.size === others.size &&
    [...a.entries].every(([key, value]) => others.has(key) && same(value, others.get(key), loose))
  );
}

/** What stands at this path of keys. */
export function valueAt<Value extends Shape>(
  shape: Value | undefined,
  [key, ...deeper]: Path,
): Value | undefined {
  return key === undefined ? shape : valueAt(shape?.entries?.get(key) as Value | undefined, deeper);
}

/** The same with this value there. */
export function withValue(shape: Shape, [key, ...deeper]: Path, value: Shape): Shape {
  if (key === undefined) return value;
  const inner = shape.entries?.get(key) ?? { entries: new Map() };
  return { ...shape, entries: new Map([...(shape.entries ?? []), [key, withValue(inner, deeper, value)]]) };
}

/** A text that is the same for the same shapes, and for no others. */
export function identity(shape: Shape): string {
  const { mark = '', leaf, items, entries } = shape;
  const inside = items
    ? items.map(identity)
    : entries
      ? [...entries].map(([key, value]) => [key, identity(value)]).sort()
      : leaf;
  return JSON.stringify([mark, items ? 'list' : entries ? 'map' : '', inside]);
}

/** Replaces a range of the text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @throws Error where two edits overlap: whoever asks for that has misread the text */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) throw new Error('changes overlap');
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join('') + text.slice(at);
}

export function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
