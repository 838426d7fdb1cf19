/** An owner who does to a generated project what owners do, by chance, and always the same for the same seed. */
import type { Plan } from '../../src/plan/plan.ts';
import type { Random } from '../../src/verify/random.ts';
import { pick } from './random.ts';

/** A project in memory: path to text. */
export type Tree = Map<string, string>;

export function treeOf(plan: Plan): Tree {
  return new Map(plan.files.map(({ path, bytes }) => [path, bytes.toString('utf8')]));
}

interface Owner {
  readonly tree: Tree;
  readonly random: Random;
  /** A word that nobody has written yet. */
  readonly word: () => string;
}

type Edit = (owner: Owner) => void;

const textFiles = ({ tree }: Owner) => [...tree.keys()].filter(path => !path.endsWith('package.json'));

function changeLines(owner: Owner, change: (lines: string[], at: number) => void): void {
  const path = pick(owner.random, textFiles(owner));
  const lines = (owner.tree.get(path) ?? '').split('\n');
  change(lines, Math.floor(owner.random() * lines.length));
  owner.tree.set(path, lines.join('\n'));
}

const comment = (path: string, word: string) => (/\.(ts|mjs|js)$/.test(path) ? `// ${word}` : `# ${word}`);

function insertAfter(owner: Owner, path: string, pattern: RegExp, text: string): void {
  const before = owner.tree.get(path);
  const places = [...(before ?? '').matchAll(pattern)];
  if (before === undefined || places.length === 0) return;
  const place = pick(owner.random, places);
  const at = (place.index ?? 0) + place[0].length;
  owner.tree.set(path, before.slice(0, at) + text + before.slice(at));
}

function renamed(owner: Owner, to: (path: string) => string): void {
  const path = pick(owner.random, [...owner.tree.keys()]);
  const target = to(path);
  if (owner.tree.has(target)) return;
  owner.tree.set(target, owner.tree.get(path) ?? '');
  owner.tree.delete(path);
}

function editJson(owner: Owner, section: string, key: string, value: string): void {
  insertAfter(
    owner,
    'package.json',
    new RegExp(`"${section}": \\{\\n`, 'g'),
    `    ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`,
  );
}

/** What owners do; those that change one line are the most frequent. */
export const EDITS: Readonly<Record<string, Edit>> = {
  'adds a line': owner =>
    changeLines(owner, (lines, at) => lines.splice(at, 0, `${comment('x.ts', owner.word())}`)),
  'adds lines': owner =>
    changeLines(owner, (lines, at) => lines.splice(at, 0, `  ${owner.word()}(`, `  ${owner.word()})`, '')),
  'changes a line': owner =>
    changeLines(owner, (lines, at) => lines.splice(at, 1, `${lines[at] ?? ''} /* ${owner.word()} */`)),
  'removes a line': owner => changeLines(owner, (lines, at) => lines.splice(at, 1)),
  'adds at the end': owner => {
    const path = pick(owner.random, textFiles(owner));
    owner.tree.set(path, `${owner.tree.get(path)}${comment(path, owner.word())}\n`);
  },
  'adds a route': owner => {
    insertAfter(owner, 'src/app.ts', /^import .*\n/gm, `import { ${owner.word()} } from './mine.ts';\n`);
    insertAfter(owner, 'src/app.ts', /^ +\w+Routes\(.*\n/gm, `      ${owner.word()}(shop);\n`);
  },
  'adds a column': owner =>
    insertAfter(
      owner,
      'migrations/products/0001_products.sql',
      /^ {2}\w+ .*,\n/gm,
      `  ${owner.word()} text,\n`,
    ),
  'adds a setting': owner =>
    insertAfter(owner, '.env.example', /^[A-Z_]+=.*\n/gm, `MINE_${owner.word().toUpperCase()}=1\n`),
  'adds an ignored file': owner => insertAfter(owner, '.gitignore', /\n/g, `${owner.word()}.tmp\n`),
  'adds a service': owner =>
    insertAfter(
      owner,
      'compose.yaml',
      /^services:\n/gm,
      `  ${owner.word()}:\n    image: ${owner.word()}:1\n    ports: ["80:80"]\n\n`,
    ),
  'adds a container variable': owner =>
    insertAfter(
      owner,
      'compose.yaml',
      /^ {4}environment:\n/gm,
      `      ${owner.word().toUpperCase()}: "${owner.word()}"\n`,
    ),
  'adds a location': owner =>
    insertAfter(
      owner,
      'nginx/nginx.conf',
      /^ {4}location .*\{\n(?: {6}.*\n)* {4}\}\n/gm,
      `    location /${owner.word()} { return 204; }\n`,
    ),
  'adds a dependency': owner => editJson(owner, 'dependencies', owner.word(), '1.2.3'),
  'adds a script': owner => editJson(owner, 'scripts', owner.word(), `echo ${owner.word()}`),
  'changes a script': owner => {
    const text = owner.tree.get('package.json');
    if (text === undefined) return;
    const name = pick(owner.random, ['build', 'test', 'start', 'typecheck']);
    owner.tree.set('package.json', text.replace(new RegExp(`("${name}": ")`), `$1${owner.word()} && `));
  },
  'writes a file': owner =>
    owner.tree.set(
      pick(owner.random, ['src/mine.ts', 'src/reviews/store.ts', 'notes.md', 'src/orders/mine.ts']),
      `// ${owner.word()}\n`,
    ),
  'writes a file that comes later': owner =>
    owner.tree.set(
      pick(owner.random, ['src/kit/database.ts', 'nginx/nginx.conf', 'services/shop/src/app.ts', 'haproxy']),
      `${owner.word()}\n`,
    ),
  'renames a file': owner => renamed(owner, path => path.replace(/(\.\w+)?$/, `-${owner.word()}$1`)),
  'moves a file': owner => renamed(owner, path => `moved/${path}`),
  'moves a file within src': owner => renamed(owner, path => path.replace(/^src\//, `src/${owner.word()}/`)),
  'deletes a file': owner => owner.tree.delete(pick(owner.random, [...owner.tree.keys()])),
  'indents a file anew': owner => {
    const path = pick(owner.random, [...owner.tree.keys()]);
    const by = pick(owner.random, ['\t', '    ']);
    owner.tree.set(
      path,
      (owner.tree.get(path) ?? '').replace(/^( {2})+/gm, all => by.repeat(all.length / 2)),
    );
  },
  'gives a file other line endings': owner => {
    const path = pick(owner.random, [...owner.tree.keys()]);
    owner.tree.set(path, (owner.tree.get(path) ?? '').replace(/\r?\n/g, '\r\n'));
  },
  'takes the last newline away': owner => {
    const path = pick(owner.random, [...owner.tree.keys()]);
    owner.tree.set(path, (owner.tree.get(path) ?? '').trimEnd());
  },
  'breaks a file': owner => {
    const path = pick(owner.random, ['package.json', 'compose.yaml', '.env.example']);
    owner.tree.set(path, `${owner.tree.get(path) ?? ''}{ ${owner.word()}\n`);
  },
};

/** The tree after so many edits, and what they were. The tree that is given stays as it is. */
export function edited(before: Tree, random: Random, count: number): { tree: Tree; edits: string[] } {
  let words = 0;
  const tree = new Map(before);
  const edits = Array.from({ length: count }, () => pick(random, Object.keys(EDITS)));
  const word = () => `mine${Math.floor(random() * 1e6).toString(36)}x${words++}`;
  for (const name of edits) if (tree.size > 0) EDITS[name]?.({ tree, random, word });
  // A file cannot lie below another.
  for (const path of tree.keys()) {
    const parts = path.split('/');
    if (parts.some((_, index) => index > 0 && tree.has(parts.slice(0, index).join('/')))) tree.delete(path);
  }
  return { tree, edits };
}
