/** What package.json's dependencies have of their own: versions that can be compared, and sections that they move between. */
import { type Node, named, type Path } from './tree.ts';

const SECTIONS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

const isDependency = (path: Path) => path.length === 2 && SECTIONS.includes(path[0] ?? '');

/** Both sides' versions differ: the later one serves both. */
export function laterVersion(path: Path, yours: Node, generated: Node) {
  if (!isDependency(path) || !yours.leaf || !generated.leaf) return undefined;
  const order = compareVersions(yours.leaf, generated.leaf);
  if (order === undefined) return undefined;
  const take = order < 0 ? ('generated' as const) : ('yours' as const);
  const note = `${named(path)}: you have ${yours.leaf}, generated ${generated.leaf}; ${take === 'yours' ? 'yours' : 'the generated one'} is taken`;
  return { take, note };
}

/** As npm keeps them: sorted, where yours are. */
export function sortedPlace([section = '', ...deeper]: Path, keys: readonly string[]) {
  if (!SECTIONS.includes(section) || deeper.length > 0) return undefined;
  if (keys.some((key, i) => i > 0 && byName(keys[i - 1] ?? '', key) > 0)) return undefined;
  return (key: string) => {
    let [low, high] = [0, keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byName(keys[middle] ?? '', key) < 0) low = middle + 1;
      else high = middle;
    }
    return keys[low - 1];
  };
}

const byName = new Intl.Collator('en').compare;

/**
 * Base and generated with each package in the section where its owner has put it, so that it is merged there.
 * A package that stands in several sections of a side is left alone.
 */
export function followMoves(base: Node | undefined, yours: Node, generated: Node) {
  const moves = new Map<string, string>();
  const notes: string[] = [];
  for (const name of namesIn(generated)) {
    const [from, to] = [sectionOf(generated, name), sectionOf(yours, name)];
    if (!from || !to || from === to) continue;
    // The generator moved it, and its owner has not touched it.
    const untouched = base && dependency(base, to, name)?.leaf === dependency(yours, to, name)?.leaf;
    if (untouched) continue;
    if (dependency(base, from, name)?.leaf !== dependency(generated, from, name)?.leaf)
      notes.push(`${name}: generated has it in ${from}, you in ${to}, where it stays`);
    moves.set(name, to);
  }
  return { base: base && moved(base, yours, moves), generated: moved(generated, yours, moves), notes };
}

const dependency = (root: Node | undefined, section: string, name: string) =>
  root?.entries?.get(section)?.entries?.get(name);

const namesIn = (root: Node) =>
  new Set(SECTIONS.flatMap(section => [...(root.entries?.get(section)?.entries?.keys() ?? [])]));

function sectionOf(root: Node, name: string): string | undefined {
  const found = SECTIONS.filter(section => root.entries?.get(section)?.entries?.has(name));
  return found.length === 1 ? found[0] : undefined;
}

function moved(root: Node, yours: Node, moves: ReadonlyMap<string, string>): Node {
  const sections = new Map(root.entries);
  const everything = SECTIONS.flatMap(section =>
    [...(root.entries?.get(section)?.entries ?? [])].map(([name, node]) => ({ section, name, node })),
  );
  for (const section of moves.size > 0 ? SECTIONS : []) {
    const here = everything
      .filter(({ section: from, name }) => (moves.get(name) ?? from) === section)
      .map(({ name, node }) => [name, node] as const);
    if (here.length === 0 && !yours.entries?.has(section)) sections.delete(section);
    else if (here.length > 0 || sections.has(section))
      sections.set(section, {
        ...(sections.get(section) ?? root),
        entries: new Map(here.sort(([a], [b]) => byName(a, b))),
      });
  }
  return { ...root, entries: sections };
}

/** Below 0 where the lowest version that `a` allows is earlier; undefined unless both are exact, `^` or `~` versions, in quotes. */
export function compareVersions(a: string, b: string): number | undefined {
  const [first, second] = [a, b].map(text => VERSION.exec(text));
  if (!first || !second) return undefined;
  const numbers = [1, 2, 3]
    .map(i => Number(first[i]) - Number(second[i]))
    .find(difference => difference !== 0);
  return numbers ?? comparePrereleases(first[4], second[4]);
}

const VERSION = /^"[\^~]?v?(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+[\w.-]+)?"$/;

/** As semver.org orders them: none is later than any, numbers come before words, and a longer one after its own start. */
function comparePrereleases(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const [left, right] = [a.split('.'), b.split('.')];
  const i = left.findIndex((part, at) => part !== right[at]);
  const [x, y] = [left[i], right[i]];
  if (x === undefined || y === undefined) return left.length - right.length;
  const [m, n] = [x, y].map(part => (/^\d+$/.test(part) ? Number(part) : undefined));
  if (m !== undefined && n !== undefined) return m - n;
  if (m !== undefined || n !== undefined) return m === undefined ? 1 : -1;
  return x < y ? -1 : 1;
}
