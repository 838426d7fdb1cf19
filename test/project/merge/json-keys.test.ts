import { type ParseError, parse, parseTree } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import type { StageName } from '../../../src/journey/stages.ts';
import { mergeJson } from '../../../src/project/merge/json-keys.ts';
import type { ConflictMode } from '../../../src/project/merge/sides.ts';
import { wholeNumbers } from '../../support/random.ts';
import { filesOfStages, STEPS } from '../../support/stage-files.ts';

const labels = { yours: 'yours', base: 'generated before', generated: 'generated now' };

function merge(base: string | undefined, yours: string, generated: string, mode: ConflictMode = 'inline') {
  return mergeJson({ base, yours, generated }, { mode, labels });
}

const print = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** The three sides as values, and what comes out as a value. */
function mergeValues(base: unknown, yours: unknown, generated: unknown, mode: ConflictMode = 'inline') {
  const merged = merge(base === undefined ? undefined : print(base), print(yours), print(generated), mode);
  return { ...merged, value: JSON.parse(merged.content) };
}

describe('keys', () => {
  test('what only one side changed is what it becomes', () => {
    const base = { name: 'shop', scripts: { start: 'a', test: 'b' } };
    const { value, conflicts, sidecar } = mergeValues(
      base,
      { name: 'shop', scripts: { start: 'a', test: 'mine', lint: 'l' }, author: 'me' },
      { name: 'shop', scripts: { start: 'new', test: 'b' }, type: 'module' },
    );
    expect(value).toEqual({
      name: 'shop',
      type: 'module',
      scripts: { start: 'new', test: 'mine', lint: 'l' },
      author: 'me',
    });
    expect(conflicts).toEqual([]);
    expect(sidecar).toBeUndefined();
  });

  test('both the same: no conflict', () => {
    const { value, conflicts } = mergeValues({ a: 1 }, { a: 2, b: [1] }, { a: 2, b: [1], c: 1 });
    expect(value).toEqual({ a: 2, b: [1], c: 1 });
    expect(conflicts).toEqual([]);
  });

  describe.each([
    ['inline', 'mine', 'generated', 1],
    ['sidecar', 'mine', 'generated', undefined],
    ['ours', 'mine', undefined, 1],
    ['theirs', 'theirs', 'yours', 1],
  ] as const)('both differently, with --conflict %s', (mode, start, of, added) => {
    const sides = [
      { scripts: { start: 'a' } },
      { scripts: { start: 'mine' } },
      { scripts: { start: 'theirs' }, added: 1 },
    ] as const;
    test('is a conflict that names the key', () => {
      const merged = mergeValues(...sides, mode);
      expect(merged.conflicts).toEqual(['scripts.start']);
      expect(merged.value.scripts.start).toBe(start);
      expect(merged.value.added).toBe(added);
      expect(merged.sidecar?.of).toBe(of);
      if (of) expect(merged.sidecar?.content).toBe(print(of === 'yours' ? sides[1] : sides[2]));
    });
  });

  test('removed by its owner stays removed, and a change to it is told', () => {
    const merged = mergeValues(
      { scripts: { a: '1', b: '1' }, dependencies: { pg: '1.0.0' } },
      { scripts: { b: '1' } },
      { scripts: { a: '2', b: '2' }, dependencies: { pg: '1.0.1', fastify: '1.0.0' } },
    );
    expect(merged.value).toEqual({ scripts: { b: '2' }, dependencies: { fastify: '1.0.0' } });
    expect(merged.conflicts).toEqual([]);
    expect(merged.notes.map(note => note.split(':')[0])).toEqual(['scripts.a', 'dependencies']);
  });

  test('no longer generated: gone if untouched, else kept and told', () => {
    const merged = mergeValues({ a: 1, b: 1, c: 1 }, { a: 1, b: 2, c: 1 }, { c: 1 });
    expect(merged.value).toEqual({ b: 2, c: 1 });
    expect(merged.notes).toEqual(['b: no longer generated, but you changed it, so it stays']);
  });

  test('added by both: keys are merged with an empty base', () => {
    const merged = mergeValues(undefined, { a: 1, x: { y: 1, s: 1 } }, { b: 1, x: { z: 1, s: 2 } });
    expect(merged.value).toEqual({ a: 1, b: 1, x: { y: 1, s: 1, z: 1 } });
    expect(merged.conflicts).toEqual(['x.s']);
  });
});

describe('dependencies', () => {
  const deps = (dependencies: object, devDependencies?: object) => ({ dependencies, devDependencies });

  test.each([
    ['^8.0.0', '8.11.0', '8.12.0', '8.12.0'],
    ['8.0.0', '^9.0.0', '8.12.0', '^9.0.0'],
    ['8.0.0', '~8.9.1', '8.10.0', '8.10.0'],
    ['8.0.0', '9.0.0-beta.2', '9.0.0-beta.10', '9.0.0-beta.10'],
    ['8.0.0', '9.0.0', '9.0.0-beta.10', '9.0.0'],
    ['8.0.0', '^9.0.0', '9.0.0', '^9.0.0'],
  ])('base %s, yours %s, generated %s: %s, and both are told', (base, yours, generated, taken) => {
    const merged = mergeValues(deps({ pg: base }), deps({ pg: yours }), deps({ pg: generated }));
    expect(merged.value.dependencies.pg).toBe(taken);
    expect(merged.conflicts).toEqual([]);
    expect(merged.notes.join()).toContain(yours);
    expect(merged.notes.join()).toContain(generated);
  });

  test.each(['github:me/pg', '*', '>=8', 'workspace:*', '8.x'])('a version like %s is a conflict', yours => {
    const merged = mergeValues(deps({ pg: '1.0.0' }), deps({ pg: yours }), deps({ pg: '2.0.0' }));
    expect(merged.value.dependencies.pg).toBe(yours);
    expect(merged.conflicts).toEqual(['dependencies.pg']);
  });

  test('one that its owner moved to another section is followed there', () => {
    const merged = mergeValues(
      deps({ a: '1.0.0', pg: '1.0.0' }, { tsx: '1.0.0' }),
      deps({ a: '1.0.0', tsx: '1.0.0' }, { pg: '1.0.0' }),
      deps({ a: '1.0.1', pg: '1.1.0' }, { tsx: '1.2.0' }),
    );
    expect(merged.value).toEqual(deps({ a: '1.0.1', tsx: '1.2.0' }, { pg: '1.1.0' }));
    expect(merged.conflicts).toEqual([]);
    expect(merged.notes.join()).toContain('pg: generated has it in dependencies, you in devDependencies');
  });

  test('one that the generator moves, moves', () => {
    const merged = mergeValues(
      deps({ a: '1.0.0' }, { b: '1.0.0', x: '1.0.0' }),
      deps({ a: '1.0.0', mine: '1.0.0' }, { b: '1.0.0', x: '1.0.0' }),
      deps({ a: '1.0.0', b: '1.0.0' }, { x: '1.0.0' }),
    );
    expect(merged.value).toEqual(deps({ a: '1.0.0', b: '1.0.0', mine: '1.0.0' }, { x: '1.0.0' }));
  });

  test('one that its owner added and that is generated now stays in one section', () => {
    const merged = mergeValues(deps({}, { x: '1.0.0' }), deps({}, { pg: '^8.0.0', x: '1.0.0' }), {
      dependencies: { pg: '8.23.1' },
      devDependencies: { x: '1.0.0' },
    });
    expect(merged.value).toEqual(deps({}, { pg: '8.23.1', x: '1.0.0' }));
    expect(merged.notes).toHaveLength(2);
  });

  test('a bump of one that its owner removed is told, a new one is taken, in its place by name', () => {
    const merged = mergeValues(
      deps({ a: '1.0.0', c: '1.0.0' }),
      deps({ a: '1.0.0', d: '1.0.0', z: '1.0.0' }),
      deps({ a: '1.0.0', b: '1.0.0', c: '1.0.1', y: '1.0.0' }),
    );
    expect(Object.keys(merged.value.dependencies)).toEqual(['a', 'b', 'd', 'y', 'z']);
    expect(merged.notes).toEqual([
      'dependencies.c: generated changed it, but you removed it, so it stays removed',
    ]);
  });

  test('where yours are not sorted, a new one goes behind the one before it', () => {
    const merged = mergeValues(
      deps({ a: '1.0.0' }),
      deps({ z: '1.0.0', a: '1.0.0', m: '1.0.0' }),
      deps({ a: '1.0.0', b: '1.0.0' }),
    );
    expect(Object.keys(merged.value.dependencies)).toEqual(['z', 'a', 'b', 'm']);
  });
});

describe('lists', () => {
  test.each(['workspaces', 'files', 'keywords', 'include'])('%s are sets in the order of yours', key => {
    const merged = mergeValues({ [key]: ['a', 'b'] }, { [key]: ['mine', 'b', 'a'] }, { [key]: ['a', 'c'] });
    expect(merged.value[key]).toEqual(['mine', 'a', 'c']);
    expect(merged.conflicts).toEqual([]);
  });

  test('references by their path', () => {
    const paths = (...names: string[]) => ({ references: names.map(path => ({ path })) });
    const merged = mergeValues(paths('a'), paths('a', 'mine'), paths('a', 'b'));
    expect(merged.value).toEqual(paths('a', 'mine', 'b'));
  });

  test('an entry that each side replaced by another is a conflict', () => {
    const merged = mergeValues({ files: ['a'] }, { files: ['b'] }, { files: ['c'] });
    expect(merged.value).toEqual({ files: ['b'] });
    expect(merged.conflicts).toEqual(['files']);
  });

  test('lists of objects are one value', () => {
    const merged = mergeValues({ x: [{ a: 1 }] }, { x: [{ a: 2 }] }, { x: [{ a: 1 }, { b: 1 }] });
    expect(merged.value).toEqual({ x: [{ a: 2 }] });
    expect(merged.conflicts).toEqual(['x']);
  });
});

describe('bytes', () => {
  const base = print({ name: 'a', scripts: { x: '1' }, dependencies: { b: '1.0.0' }, old: 1 });
  const generated = print({
    name: 'a',
    scripts: { x: '1', y: '2' },
    dependencies: { b: '1.0.1', c: '1.0.0' },
    imports: { '#kit': { default: './kit', other: ['a', 'b'] } },
  });

  test.each([['\t'], ['    '], [' ']])('indentation %j is kept, and new lines have it', unit => {
    const yours = JSON.stringify({ mine: 1, ...JSON.parse(base) }, undefined, unit);
    const merged = merge(base, yours, generated);
    const wanted = {
      mine: 1,
      name: 'a',
      scripts: { x: '1', y: '2' },
      dependencies: { b: '1.0.1', c: '1.0.0' },
      imports: { '#kit': { default: './kit', other: ['a', 'b'] } },
    };
    expect(merged.content).toBe(JSON.stringify(wanted, undefined, unit));
  });

  test('one line stays one line', () => {
    expect(merge('{"a":1,"z":1}', '{"a":1,"b":{},"z":1}', '{"a":2,"c":[1,2]}').content).toBe(
      '{"a":2,"c":[1,2],"b":{}}',
    );
    expect(merge('{ "a": {"x": 1} }', '{ "a": {"x": 1}, "b": 2 }', '{ "a": {"x": 1, "y": 2} }').content).toBe(
      '{ "a": {"x": 1, "y": 2}, "b": 2 }',
    );
  });

  const tsconfig = `// mine
{
    /* the compiler */
    "compilerOptions": { // inline
        "strict": true, // as it should be
        // for the tests
        "types": ["node", "vitest"],
        "target": "es2022", /* old */
    },
    "files": [], // none
    "extra": {
        // nothing yet
    }
    // the end
}`;

  test('comments and trailing commas stay where they are', () => {
    const merged = merge(
      print({ compilerOptions: { strict: true, types: ['node'], target: 'es2022' }, extra: {} }),
      tsconfig,
      print({
        compilerOptions: { strict: true, noEmit: false, types: ['node', 'pg'], target: 'es2023', lib: ['a'] },
        extra: { on: 1 },
        include: ['src'],
      }).replace(/\[\s+("\w+")\s+\]/g, '[$1]'),
    );
    expect(merged.content).toBe(`// mine
{
    /* the compiler */
    "compilerOptions": { // inline
        "strict": true, // as it should be
        "noEmit": false,
        // for the tests
        "types": ["node", "vitest", "pg"],
        "target": "es2023", /* old */
        "lib": ["a"],
    },
    "files": [], // none
    "extra": {
        // nothing yet
        "on": 1
    },
    "include": ["src"]
    // the end
}`);
    expect(merged.conflicts).toEqual([]);
  });

  test('a key with a comment of its owner is not taken out, one without is', () => {
    const before = '{\n  "a": 1,\n  "b": 1,\n  // generated\n  "c": 1,\n  "d": 1\n}\n';
    const yours = '{\n  "a": 1, // mine\n  "b": 1,\n  // generated\n  "c": 1,\n  "d": 1 // and mine\n}\n';
    const merged = merge(before, yours, '{}');
    expect(merged.content).toBe('{\n  "a": 1, // mine\n  "d": 1 // and mine\n}\n');
    expect(merged.notes).toHaveLength(2);
  });

  test('the last key can go, and a comma can come before a comment', () => {
    const merged = merge('{\n  "a": 1,\n  "b": 1\n}', '{\n  "a": 1, // x\n  "b": 1\n}', '{\n  "a": 1\n}');
    expect(merged.content).toBe('{\n  "a": 1 // x\n}');
    const more = merge('{\n  "a": 1\n}', '{\n  "a": 1 // x\n}', '{\n  "a": 1,\n  "b": 1\n}');
    expect(more.content).toBe('{\n  "a": 1, // x\n  "b": 1\n}');
  });
});

describe('what cannot be merged stays whole', () => {
  const generated = print({ name: 'a', private: true, scripts: { b: 1 } });
  test.each([
    ['a key that stands twice', '{"name": "a", "scripts": {"x": 1, "x": 2}}'],
    ['a marker', '{\n<<<<<<< mine\n"name": "a"\n>>>>>>>\n}'],
    ['nothing at all', ''],
    ['a second value', '{} {}'],
    ['a missing comma', '{"a": 1 "b": 2}'],
    ['a comment in package.json', '{"name": "a" /* mine */}'],
    ['brackets without end', '['.repeat(20_000)],
    ['a broken string', '{"a": "x\ny"}'],
  ])('%s', (_, yours) => {
    const merged = merge(print({ name: 'a' }), yours, generated);
    expect(merged.content).toBe(yours);
    expect(merged.conflicts).toHaveLength(1);
    expect(merged.sidecar).toEqual({ of: 'generated', content: generated });
    expect(merge(print({ name: 'a' }), yours, generated, 'theirs')).toMatchObject({
      content: generated,
      sidecar: { of: 'yours', content: yours },
    });
  });

  test('keys that JavaScript treats in its own way are keys like others', () => {
    const merged = merge(
      '{}',
      '{"__proto__": 1, "2": 1, "constructor": {}}',
      '{"1": 1, "toString": {"a": 1}}',
    );
    expect(merged.conflicts).toEqual([]);
    expect(JSON.parse(merged.content)).toEqual(
      JSON.parse('{"__proto__": 1, "2": 1, "constructor": {}, "1": 1, "toString": {"a": 1}}'),
    );
  });
});

describe('the generated files', async () => {
  const plans = await filesOfStages();
  const fileOf = (stage: StageName, path: string) => plans.get(stage)?.get(path) ?? '';

  test.each(STEPS)('%s to %s: package.json', (from, to) => {
    const base = fileOf(from, 'package.json');
    const yours = base
      .replace('"dependencies": {', '"dependencies": {\n    "zod": "4.1.0",')
      .replace('"scripts": {', '"scripts": {\n    "lint": "biome ci .",')
      .replace('tsx watch', 'tsx watch --inspect')
      .replace('"private": true', '"private": true,\n  "author": "me"');
    const generated = fileOf(to, 'package.json');
    const merged = merge(base, yours, generated);
    const value = JSON.parse(merged.content);
    expect(value.dependencies?.zod).toBe('4.1.0');
    expect(value.scripts.lint).toBe('biome ci .');
    expect(value.author).toBe('me');
    expect(value.scripts.dev).toContain('--inspect');
    for (const [name, version] of Object.entries(JSON.parse(generated).dependencies ?? {}))
      expect(value.dependencies[name]).toBe(version);
    expect(merged.conflicts).toEqual([]);
    if (!JSON.parse(generated).scripts.dev)
      expect(merged.notes.join()).toContain('scripts.dev: no longer generated');
  });

  test.each(STEPS)('%s to %s: tsconfig.json', (from, to) => {
    const base = fileOf(from, 'tsconfig.json');
    const yours = base
      .replace('"strict": true,', '"strict": true, // always\n    "jsx": "react-jsx",')
      .replace('["src"]', '["src", "tools"]');
    const merged = merge(base, yours, fileOf(to, 'tsconfig.json'));
    expect(merged.conflicts).toEqual([]);
    expect(merged.content).toContain('// always\n    "jsx": "react-jsx",');
    expect(parse(merged.content).include).toContain('tools');
    expect(parse(merged.content).compilerOptions).toMatchObject({
      ...parse(fileOf(to, 'tsconfig.json')).compilerOptions,
      jsx: 'react-jsx',
    });
  });
});

test('10,000 lines take less than two seconds', () => {
  const keys = (from: number, to: number, value: string) =>
    Object.fromEntries(Array.from({ length: to - from }, (_, i) => [`key${from + i}`, value]));
  const sides = [keys(0, 7_500, 'a'), keys(2_500, 12_500, 'a'), keys(0, 15_000, 'b')].map(print);
  const before = process.cpuUsage();
  const merged = merge(sides[0], sides[1] ?? '', sides[2] ?? '');
  // Of the processor, not of the clock: other tests run beside this one.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(2);
  expect(Object.keys(JSON.parse(merged.content))).toHaveLength(12_500);
});

test('random edits: it parses, no key is there twice, and all that its owner added is there', () => {
  const random = wholeNumbers(7);
  for (let run = 0; run < 600; run++) {
    const base = randomObject(random, 3);
    const yours = edited(base, random, 'mine');
    const generated = edited(base, random, 'new');
    const unit = ['\t', '  ', '    ', ''][random(4)] ?? '';
    const mine = withComments(JSON.stringify(yours, undefined, unit), run % 2 === 1 && unit !== '', random);
    const merged = merge(print(base), mine, print(generated));
    const errors: ParseError[] = [];
    const tree = parseTree(merged.content, errors, { allowTrailingComma: true });
    expect(errors, merged.content).toEqual([]);
    expect(twice(tree)).toEqual([]);
    const value = parse(merged.content);
    const own = leaves(yours).filter(([path, leaf]) => new Map(leaves(base)).get(path) !== leaf);
    expect(leaves(value).map(String), mine).toEqual(expect.arrayContaining(own.map(String)));
    const clean = leaves(generated).filter(
      ([path]) => /new\d[^/]*$/.test(path) && !cutOff(path, base, yours),
    );
    if (merged.conflicts.length === 0)
      expect(leaves(value).map(String)).toEqual(expect.arrayContaining(clean.map(String)));
    for (const comment of mine.match(/\/\/ mine \d+/g) ?? []) expect(merged.content).toContain(comment);
  }
});

type Tree = { [key: string]: Tree | string };

function randomObject(random: (bound: number) => number, depth: number): Tree {
  const entries = Array.from({ length: random(5) }, (): [string, Tree | string] => [
    `k${random(9)}`,
    depth > 0 && random(2) === 0 ? randomObject(random, depth - 1) : `v${random(5)}`,
  ]);
  return Object.fromEntries(entries);
}

function edited(tree: Tree, random: (bound: number) => number, who: string): Tree {
  const entries = Object.entries(tree).flatMap(([key, value]): [string, Tree | string][] => {
    const choice = random(8);
    if (choice === 0) return [];
    if (choice === 1) return [[key, `${who}-changed`]];
    return [[key, typeof value === 'string' ? value : edited(value, random, who)]];
  });
  if (random(2) === 0) entries.splice(random(entries.length + 1), 0, [`${who}${random(5)}`, `${who}-added`]);
  if (random(6) === 0)
    entries.push([`both${random(2)}`, random(2) === 0 ? `${who}-both` : { [who]: `${who}-in` }]);
  return Object.fromEntries(entries);
}

/** Behind any line. */
function withComments(text: string, wanted: boolean, random: (bound: number) => number): string {
  if (!wanted) return text;
  return text
    .split('\n')
    .map((line, i) => (random(4) === 0 ? `${line} // mine ${i}` : line))
    .join('\n');
}

function leaves(tree: Tree | string, path = ''): [string, string][] {
  if (typeof tree === 'string') return [[path, JSON.stringify(tree)]];
  return Object.entries(tree).flatMap(([key, value]) => leaves(value, `${path}/${key}`));
}

/** Whether yours no longer has the object of base that this path lies in. */
function cutOff(path: string, base: Tree, yours: Tree): boolean {
  let before: Tree | string | undefined = base;
  let now: Tree | string | undefined = yours;
  for (const key of path.split('/').slice(1, -1)) {
    before = typeof before === 'object' ? before[key] : undefined;
    now = typeof now === 'object' ? now[key] : undefined;
    if (typeof now !== 'object' && (before !== undefined || now !== undefined)) return true;
  }
  return false;
}

function twice(node: ReturnType<typeof parseTree>): string[] {
  const keys = node?.type === 'object' ? (node.children ?? []).map(child => child.children?.[0]?.value) : [];
  const doubled = keys.filter((key, i) => keys.indexOf(key) !== i);
  return [...doubled, ...(node?.children ?? []).flatMap(twice)];
}
