/** The imports of `src/`: they run in no circle, types included, and the engines stand side by side. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/tool.ts';

/** The files that each file imports. */
type Imports = ReadonlyMap<string, readonly string[]>;

/** From a room to one that it must know nothing of. */
const FORBIDDEN: readonly (readonly [from: string, to: string])[] = [
  ['src/engines/docker/', 'src/engines/native/'],
  ['src/engines/native/', 'src/engines/docker/'],
  ['src/engines/run/', 'src/engines/native/'],
  ['src/engines/run/', 'src/engines/docker/'],
  ['src/engines/', 'src/verify/'],
  ['src/processes/', 'src/engines/'],
  ['src/journey/', 'src/blueprint/'],
  ['src/blueprint/', 'src/plan/'],
  ['src/plan/', 'src/project/'],
  ['src/project/', 'src/engines/'],
  ['src/verify/', 'src/commands/'],
  ['src/ui/', 'src/project/'],
];

/** Circles that are still there. A line goes when its circle goes. */
const KNOWN_CIRCLES: readonly string[] = [];

const IMPORTED = /(?:from|import\()\s*'(\.[^']+\.ts)'/g;

function importsOfSource(): Imports {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map(file => posix.join('src', file.replaceAll('\\', '/')))
    .filter(file => file.endsWith('.ts'));
  return new Map(
    files.map(file => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const named = [...text.matchAll(IMPORTED)].map(([, path = '']) =>
        posix.join(posix.dirname(file), path),
      );
      return [file, named];
    }),
  );
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

function forbidden(imports: Imports): string[] {
  return [...imports].flatMap(([file, named]) =>
    named
      .filter(other => FORBIDDEN.some(([from, to]) => file.startsWith(from) && other.startsWith(to)))
      .map(other => `${file} imports ${other}`),
  );
}

test('no imports run in a circle', () => {
  const imports = importsOfSource();
  expect(imports.size).toBeGreaterThan(200);
  expect(circles(imports)).toEqual(KNOWN_CIRCLES);
});

test('no room imports one that it must know nothing of', () => {
  expect(forbidden(importsOfSource())).toEqual([]);
});

test('a circle and a forbidden import are found', () => {
  const imports: Imports = new Map([
    ['src/plan/a.ts', ['src/plan/b.ts']],
    ['src/plan/b.ts', ['src/plan/c.ts', 'src/project/write.ts']],
    ['src/plan/c.ts', ['src/plan/a.ts']],
    ['src/project/write.ts', []],
  ]);
  expect(circles(imports)).toEqual(['src/plan/a.ts src/plan/b.ts src/plan/c.ts']);
  expect(forbidden(imports)).toEqual(['src/plan/b.ts imports src/project/write.ts']);
});
