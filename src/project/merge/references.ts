/** What a document refers to inside itself: `$ref` in openapi.yaml, and the names of its security schemes. A merge must not tear it off. */
import type { Change, Decisions, Rules } from './three-way.ts';
import { type Node, named, type Path, type Shape, valueAt, withValue } from './tree.ts';

interface Reference {
  /** Where it stands. */
  readonly from: Path;
  readonly to: Path;
}

/** References whose target is not in the document. */
export function danglingIn(root: Shape): readonly Reference[] {
  return referencesIn(root, [], root.entries?.has('openapi') ?? false).filter(({ to }) => !isThere(root, to));
}

/**
 * What one side takes out although the other side's parts refer to it comes back, and what that refers to in turn. A reference that
 * neither side has a target for stays its owner's own.
 * @throws Error where it cannot be brought back without losing something
 */
export function withTargets(
  decisions: Decisions,
  base: Node | undefined,
  yours: Node,
  generated: Node,
  losesComment: Rules['losesComment'],
): Decisions {
  let now = decisions;
  const mended = new Set<string>();
  for (;;) {
    const torn = danglingIn(now.merged).find(({ to }) => {
      const lost = firstMissing(now.merged, to);
      return lost && (filledAt(yours, lost) ?? valueAt(generated, lost));
    });
    const lost = torn && firstMissing(now.merged, torn.to);
    if (!torn || !lost) return now;
    // Each turn brings one more part in, so that this ends.
    const id = JSON.stringify([lost, torn.to]);
    if (mended.has(id)) throw new Error(`${named(torn.to)} is gone, and ${userOf(torn)} needs it`);
    mended.add(id);
    now = filledAt(yours, lost)
      ? keeping(now, torn, lost, yours, generated)
      : bringing(now, torn, lost, { base, yours, generated, losesComment });
  }
}

/** The generator drops what the owner's parts refer to: it stays. */
function keeping(now: Decisions, torn: Reference, lost: Path, yours: Node, generated: Node): Decisions {
  const cause = now.changes.find(
    ({ kind, path }) => (kind === 'remove' && isSame(path, lost)) || (kind === 'set' && isAbove(path, lost)),
  );
  if (!cause) throw new Error(`${named(lost)} is gone, and ${userOf(torn)} needs it`);
  const [mine, theirs] = [valueAt(yours, cause.path), valueAt(generated, cause.path)];
  if (!mine) throw new Error(`${named(cause.path)} is not in yours`);
  const changes = now.changes.filter(change => change !== cause);
  const merged = withValue(now.merged, cause.path, mine);
  if (cause.kind === 'remove' || !theirs) {
    const note = `${named(lost)}: no longer generated, but ${userOf(torn)} needs it, so it stays`;
    return { ...now, changes, merged, notes: [...now.notes, note] };
  }
  const conflict = { path: cause.path, base: undefined, yours: mine, generated: theirs };
  return { ...now, changes, merged, conflicts: [...now.conflicts, conflict] };
}

interface Documents {
  readonly base: Node | undefined;
  readonly yours: Node;
  readonly generated: Node;
  readonly losesComment: Rules['losesComment'];
}

type Added = Extract<Change, { kind: 'add' }>;

/** The owner removed what generated parts refer to: it comes back, and of a whole section only what is needed. */
function bringing(now: Decisions, torn: Reference, lost: Path, documents: Documents): Decisions {
  const node = valueAt(documents.generated, lost);
  if (!node) throw new Error(`${named(lost)} is not generated`);
  const section = now.changes.find(
    (change): change is Added => change.kind === 'add' && isSame(change.path, lost.slice(0, -1)),
  );
  const inner = torn.to[lost.length];
  const isPart =
    !section && !valueAt(documents.yours, lost) && inner !== undefined && node.entries?.has(inner);
  const only = isPart ? new Set([inner]) : undefined;
  const parts = [...(node.entries ?? [])].filter(([key]) => only?.has(key));
  const name = named(isPart ? [...lost, inner] : lost);
  const wasThere = valueAt(documents.base, isPart ? [...lost, inner] : lost);
  const why = wasThere
    ? `you removed it, but ${userOf(torn)} needs it now, so it is back`
    : `${userOf(torn)} needs it`;
  return {
    changes: section
      ? widened(now.changes, section, lost.at(-1) ?? '')
      : [...now.changes, addition(lost, node, only, documents)],
    conflicts: now.conflicts.filter(({ path }) => !isSame(path, lost)),
    notes: [...now.notes.filter(note => !note.startsWith(`${named(lost)}: `)), `${name}: ${why}`],
    merged: withValue(now.merged, lost, isPart ? { ...node, entries: new Map(parts) } : node),
  };
}

/** One more key of a section of which only some are taken. */
function widened(changes: readonly Change[], section: Added, key: string): Change[] {
  const wider = { ...section, only: new Set([...(section.only ?? []), key]) };
  return changes.map(change => (change === section ? wider : change));
}

/** @throws Error where there is no place for it, or a comment of its owner's stands there */
function addition(
  path: Path,
  node: Node,
  only: ReadonlySet<string> | undefined,
  { yours, generated, losesComment }: Documents,
): Change {
  const empty = valueAt(yours, path);
  const parent = valueAt(yours, path.slice(0, -1));
  if (!parent?.entries || (empty && losesComment(empty, node))) {
    throw new Error(`there is no place for ${named(path)}`);
  }
  if (empty) return { kind: 'set', path, yours: empty, node };
  const key = path.at(-1) ?? '';
  const after = placeOf(key, valueAt(generated, path.slice(0, -1)), parent);
  return { kind: 'add', path, parent, after, key, node, ...(only && { only }) };
}

/** The last key before it in generated that is there. */
function placeOf(key: string, generated: Node | undefined, home: Node): string | undefined {
  const keys = [...(generated?.entries?.keys() ?? [])];
  return keys.slice(0, keys.indexOf(key)).findLast(each => home.entries?.has(each));
}

function referencesIn(shape: Shape, path: Path, isOpenApi: boolean): Reference[] {
  const inItems = (shape.items ?? []).flatMap((item, at) =>
    referencesIn(item, [...path, String(at)], isOpenApi),
  );
  const inEntries = [...(shape.entries ?? [])].flatMap(([key, value]) => [
    ...ownReferences(path, key, value, isOpenApi).map(to => ({ from: path, to })),
    ...referencesIn(value, [...path, key], isOpenApi),
  ]);
  return [...inItems, ...inEntries];
}

function ownReferences(path: Path, key: string, value: Shape, isOpenApi: boolean): Path[] {
  if (key === '$ref' || path.at(-1) === 'mapping') return pointed(value.leaf);
  if (!isOpenApi || key !== 'security') return [];
  const names = (value.items ?? []).flatMap(item => [...(item.entries?.keys() ?? [])]);
  return names.map(name => ['components', 'securitySchemes', name]);
}

/** The path of a pointer into the document itself. */
function pointed(leaf: string | undefined): Path[] {
  const [, pointer] = /^"#\/(.+)$/s.exec(leaf ?? '') ?? [];
  if (pointer === undefined) return [];
  try {
    const parts = decodeURIComponent(pointer).split('/');
    return [parts.map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))];
  } catch {
    return [];
  }
}

/** What an alias or a merge key brings along is taken to be there: nobody carries it out here. */
function isThere(shape: Shape | undefined, [key, ...deeper]: Path): boolean {
  if (!shape) return false;
  if (key === undefined || shape.leaf?.startsWith('*') || shape.entries?.has('<<')) return true;
  return isThere(shape.entries?.get(key) ?? shape.items?.[Number(key)], deeper);
}

/** Down to the first key that is missing; undefined where that is no key of a mapping. */
function firstMissing(root: Shape, path: Path): Path | undefined {
  for (let length = 1; length <= path.length; length++) {
    const start = path.slice(0, length);
    const value = valueAt(root, start);
    if (value && (length === path.length || !isEmpty(value))) continue;
    return valueAt(root, start.slice(0, -1))?.entries ? start : undefined;
  }
  return undefined;
}

/** A section with nothing in it is as good as none. */
const isEmpty = ({ leaf, entries }: Shape) => entries?.size === 0 || /^=(null|~|)$/i.test(leaf ?? '');

function filledAt(root: Node, path: Path): Node | undefined {
  const value = valueAt(root, path);
  return value && !isEmpty(value) ? value : undefined;
}

const isSame = (path: Path, other: Path) =>
  path.length === other.length && path.every((key, at) => key === other[at]);
const isAbove = (path: Path, other: Path) => isSame(path, other.slice(0, path.length));

/** The part of the document that a person knows it by: `paths./things`, `components.schemas.Thing`. */
const userOf = ({ from }: Reference) => named(from.slice(0, from[0] === 'components' ? 3 : 2));
