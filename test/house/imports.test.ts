/** The imports of `src/`, types included: they run in no circle, and go only where the table in AGENTS.md lets them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/tool.ts';

/** The files that each file imports. */
type Imports = ReadonlyMap<string, readonly string[]>;
/** A row of the table: folders, named below `src/`, whose files may import each other, and what else they may. */
interface Room {
  readonly folders: readonly string[];
  readonly may: readonly string[];
}

const IMPORTED = /(?:\bfrom|\bimport\()\s*'(\.[^']+\.ts)'/g;
const ALL = 'all others';

function importsOfSource(): Imports {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map(file => file.replaceAll('\\', '/'))
    .filter(file => file.endsWith('.ts'));
  return new Map(
    files.map(file => {
      const text = readFileSync(join(ROOT, 'src', file), 'utf8');
      const named = [...text.matchAll(IMPORTED)].map(([, path = '']) =>
        posix.join(posix.dirname(file), path),
      );
      return [file, named.filter(path => !path.startsWith('../'))];
    }),
  );
}

function roomsOf(page: string): Room[] {
  const [, table = ''] = page.split('| may import |\n');
  const [rows = ''] = table.split('\n\n');
  return rows.split('\n').flatMap(row => {
    const [, folders = '', , allowed = ''] = row.split('|');
    const names = quoted(folders).map(folder => folder.replace(/^src\/|\/$/g, ''));
    return names.length === 0
      ? []
      : [{ folders: names, may: allowed.includes(ALL) ? [ALL] : quoted(allowed) }];
  });
}

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** The innermost room around a file; undefined for what lies in `src/` itself. */
function roomOf(file: string, rooms: readonly Room[]): Room | undefined {
  const room = rooms.find(({ folders }) => folders.includes(file));
  if (room) return room;
  const parent = posix.dirname(file);
  return parent === '.' ? undefined : roomOf(parent, rooms);
}

function mayImport(from: Room, to: Room): boolean {
  return from === to || from.may.includes(ALL) || to.folders.some(folder => from.may.includes(folder));
}

/** Imports from a room of what it may not import, and files in no room. */
function offences(imports: Imports, rooms: readonly Room[]): string[] {
  return [...imports].flatMap(([file, named]) => {
    const from = roomOf(file, rooms);
    if (from === undefined && file.includes('/')) return [`${file} is in no room`];
    return named.flatMap(other => {
      const to = roomOf(other, rooms);
      if (to === undefined || (from !== undefined && mayImport(from, to))) return [];
      return [`${file} imports ${other}`];
    });
  });
}

/** What the table allows and no file does: `blueprint → plan`. */
function idle(imports: Imports, rooms: readonly Room[]): string[] {
  return rooms.flatMap(room => {
    const files = [...imports].filter(([file]) => roomOf(file, rooms) === room);
    const used = files.flatMap(([, named]) => named.flatMap(other => roomOf(other, rooms)?.folders ?? []));
    const name = room.folders.join(' ');
    return files.length === 0
      ? [`${name} is not there`]
      : room.may.filter(each => each !== ALL && !used.includes(each)).map(each => `${name} → ${each}`);
  });
}

/** Each group of files that reach one another, as one line: Tarjan's strongly connected components. */
function circles(imports: Imports): string[] {
  const found: string[] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    stack.push(file);
    let low = own;
    for (const next of imports.get(file) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, lowest.get(next) ?? order.get(next) ?? low);
      lowest.set(file, low);
    }
    lowest.set(file, low);
    if (low === own) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) found.push(group.sort().join(' '));
    }
    return low;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found.sort();
}

const SOURCE = importsOfSource();
const ROOMS = roomsOf(readFileSync(join(ROOT, 'AGENTS.md'), 'utf8'));

test('no imports run in a circle', () => {
  expect(SOURCE.size).toBeGreaterThan(200);
  expect(circles(SOURCE)).toEqual([]);
});

test('each import goes where the table in AGENTS.md lets it', () => {
  expect(offences(SOURCE, ROOMS)).toEqual([]);
});

test('the table in AGENTS.md has no room that is not there, and allows nothing that nobody does', () => {
  expect(idle(SOURCE, ROOMS)).toEqual([]);
});

test('a circle, an import against the table, a file in no room and an idle leave are found', () => {
  const page =
    '| folder | holds | may import |\n|---|---|---|\n| `src/plan/` | files | – |\n| `src/project/` | disk | `plan` `ui` |\n| `src/project/change/` `src/project/merge/` | merges | – |\n';
  const imports: Imports = new Map([
    ['plan/a.ts', ['plan/b.ts', 'version.ts']],
    ['plan/b.ts', ['plan/c.ts', 'project/write.ts']],
    ['plan/c.ts', ['plan/a.ts']],
    ['project/write.ts', ['plan/d.ts', 'project/change/all.ts']],
    ['project/change/all.ts', ['project/merge/lines.ts']],
    ['project/merge/lines.ts', []],
    ['cellar/wine.ts', []],
    ['version.ts', ['plan/d.ts']],
    ['plan/d.ts', []],
  ]);
  expect(circles(imports)).toEqual(['plan/a.ts plan/b.ts plan/c.ts']);
  expect(offences(imports, roomsOf(page))).toEqual([
    'plan/b.ts imports project/write.ts',
    'project/write.ts imports project/change/all.ts',
    'cellar/wine.ts is in no room',
    'version.ts imports plan/d.ts',
  ]);
  expect(idle(imports, roomsOf(page))).toEqual(['project → ui']);
});
