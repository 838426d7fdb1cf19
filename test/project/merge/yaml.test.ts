import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { StageName } from '../../../src/journey/stages.ts';
import type { ConflictMode } from '../../../src/project/merge/sides.ts';
import { mergeText } from '../../../src/project/merge/text.ts';
import { mergeYaml } from '../../../src/project/merge/yaml.ts';
import { mergedCompose } from '../../support/compose-config.ts';
import { wholeNumbers } from '../../support/random.ts';
import { filesOfStages, STEPS } from '../../support/stage-files.ts';

const labels = { yours: 'yours', base: 'generated before', generated: 'generated now' };

function merge(base: string | undefined, yours: string, generated: string, mode: ConflictMode = 'inline') {
  return mergeYaml({ base, yours, generated }, { mode, labels });
}

/** Each test's own text, without the indentation that it has here. */
function yaml([text = '']: TemplateStringsArray): string {
  const lines = text.replace(/^\n/, '').replace(/\n *$/, '\n').split('\n');
  const indent = Math.min(...lines.filter(line => line.trim()).map(line => line.search(/\S/)));
  return lines.map(line => line.slice(indent)).join('\n');
}

const BASE = yaml`
  name: shop

  services:
    app:
      image: app:1
      environment:
        PORT: "3000"
      ports: ["80:80"]
    db:
      image: postgres:17

  networks:
    edge: {}
`;

const GENERATED = yaml`
  name: shop

  services:
    # The front door.
    proxy:
      image: haproxy:3.2
      networks: [edge]

    app:
      image: app:1
      environment:
        PORT: "3000"
        PGHOST: db
      ports: ["80:80"]
    db:
      image: postgres:18

    # Slow work.
    worker:
      image: worker
      environment:
        A: 1

  networks:
    edge: {}
    data:
      internal: true
`;

/** Four spaces, comments, an anchor, and a service that the generator knows nothing of. */
const YOURS = yaml`
  # My shop.
  name: shop
  x-mine: &mine
      restart: always
  services:
      app:
          <<: *mine
          image: app:1 # pinned
          environment:
              PORT: "3000"
              # For the tests.
              DEBUG: "1"
          ports: ["80:80"]

      db:
          image: postgres:17
          # what I run at home
      redis:
          image: redis:8
          volumes:
          - redis:/data

  networks:
      edge: {}
  volumes:
      redis: {}
`;

test('comments come along from everywhere but where both changed the same lines', () => {
  const file = (comment: string, max: string, processes: string) =>
    `# ${comment}\nname: shop\nenvironment:\n  MAX: "${max}"\n  PROCESSES: "${processes}"\n`;
  const merged = merge(file('1 copy', '20', '2'), file('1 copy', '12', '2'), file('3 copies', '20', '4'));
  expect(merged).toEqual({ content: file('3 copies', '12', '4'), conflicts: [], notes: [] });
});

test('steps that both added in different places are both there', () => {
  const steps = (...all: string[]) => `steps:\n${all.map(each => `  - run: ${each}\n`).join('')}`;
  const base = steps('install', 'build', 'test', 'check');
  const yours = steps('install', 'lint', 'build', 'test', 'check');
  const generated = steps('install', 'build', 'test', 'apt', 'check');
  expect(merge(base, yours, generated)).toEqual({
    content: steps('install', 'lint', 'build', 'test', 'apt', 'check'),
    conflicts: [],
    notes: [],
  });
});

describe('keys', () => {
  test('each side keeps its own, in the bytes of yours', () => {
    const merged = merge(BASE, YOURS, GENERATED);
    expect(merged).toEqual({
      content: yaml`
        # My shop.
        name: shop
        x-mine: &mine
            restart: always
        services:
            # The front door.
            proxy:
                image: haproxy:3.2
                networks: [edge]

            app:
                <<: *mine
                image: app:1 # pinned
                environment:
                    PORT: "3000"
                    PGHOST: db
                    # For the tests.
                    DEBUG: "1"
                ports: ["80:80"]

            db:
                image: postgres:18
                # what I run at home

            # Slow work.
            worker:
                image: worker
                environment:
                    A: 1
            redis:
                image: redis:8
                volumes:
                - redis:/data

        networks:
            edge: {}
            data:
                internal: true
        volumes:
            redis: {}
      `,
      conflicts: [],
      notes: [],
    });
  });

  test('without a newline at its end, none is there afterwards', () => {
    const merged = merge(BASE, YOURS.trimEnd(), GENERATED);
    expect(merged.content).toBe(merge(BASE, YOURS, GENERATED).content.trimEnd());
  });

  describe.each([
    ['inline', 'redis:9', 'generated', true],
    ['sidecar', 'redis:9', 'generated', false],
    ['ours', 'redis:9', undefined, true],
    ['theirs', 'redis:10', 'yours', true],
  ] as const)('both differently, with --conflict %s', (mode, image, of, rest) => {
    const base = 'services:\n  app:\n    image: redis:8\n';
    const yours = 'services:\n  app:\n    image: redis:9 # mine\n';
    const generated = 'services:\n  app:\n    image: redis:10\n    init: true\n';
    test('is a conflict that names the key', () => {
      const merged = merge(base, yours, generated, mode);
      expect(merged.conflicts).toEqual(['services.app.image']);
      expect(merged.content).toBe(
        `services:\n  app:\n    image: ${image} # mine\n${rest ? '    init: true\n' : ''}`,
      );
      expect(merged.sidecar?.of).toBe(of);
      if (of) expect(merged.sidecar?.content).toBe(of === 'yours' ? yours : generated);
    });
  });

  test('both add the same key in different places: never twice', () => {
    const base = 'services:\n  a:\n    image: a\n  b:\n    image: b\n  c:\n    image: c\n';
    const redis = (tag: string) => `  redis:\n    image: redis:${tag}\n`;
    const yours = base.replace('  b:', `${redis('8')}  b:`);
    const generated = `${base}${redis('8')}`;
    const trap = mergeText({ base, yours, generated }, { mode: 'inline', labels });
    expect(trap.conflicts).toEqual([]);
    expect(() => load(trap.content)).toThrow(/duplicate/i);
    expect(merge(base, yours, generated)).toMatchObject({ content: yours, conflicts: [] });
    expect(merge(base, yours, `${base}${redis('9')}`)).toMatchObject({
      content: yours,
      conflicts: ['services.redis.image'],
    });
  });

  test('removed by its owner stays removed, and a change to it is told', () => {
    const yours = BASE.replace(/ {2}db:\n.*\n/, '').replace('name: shop', 'name: mine');
    const merged = merge(BASE, yours, GENERATED);
    expect(load(merged.content)).not.toHaveProperty('services.db');
    expect(merged.conflicts).toEqual([]);
    expect(merged.notes).toEqual([
      'services.db: generated changed it, but you removed it, so it stays removed',
    ]);
  });

  test('no longer generated: gone with its comment if untouched, else kept and told', () => {
    const base = 'a: 1\n# about b\nb:\n  c: 1\n# about d\nd: 1\n';
    const yours = '# mine\na: 1 # mine\n# about b\nb:\n  c: 1\n# mine too\n# about d\nd: 2\n';
    const merged = merge(base, yours, 'a: 2\n');
    expect(merged.content).toBe('# mine\na: 2 # mine\n# mine too\n# about d\nd: 2\n');
    expect(merged.notes).toEqual(['d: no longer generated, but you changed it, so it stays']);
  });

  test('a service with a comment of its owner is not taken out', () => {
    const base = 'a: 1\nb:\n  c: 1\n';
    const merged = merge(base, 'a: 1 # x\nb:\n  # mine\n  c: 1\n', 'a: 2\n');
    expect(merged.content).toBe('a: 2 # x\nb:\n  # mine\n  c: 1\n');
    expect(merged.notes).toHaveLength(1);
  });

  test('a section that its owner removed takes what is added to it', () => {
    const base = 'a: 1\nvolumes:\n  x: {}\n  y: 1\nz: 1\n';
    const generated =
      'a: 2\nvolumes:\n  x: {}\n  # for the database\n  data:\n    driver: local\n  y: 1\nz: 1\n';
    expect(merge(base, 'a: 1 # x\nz: 1\n', generated).content).toBe(
      'a: 2 # x\n\nvolumes:\n  # for the database\n  data:\n    driver: local\nz: 1\n',
    );
  });

  test('keys that generated has between brackets become lines of yours', () => {
    const merged = merge(
      'a: { b: 1 }\nz: 1\n',
      'a:\n    b: 1 # x\nz: 1\n',
      'a: { b: 1, c: [1, 2], d: {} }\nz: 1\n',
    );
    expect(merged).toMatchObject({
      content: 'a:\n    b: 1 # x\n    c: [1, 2]\n    d: {}\nz: 1\n',
      conflicts: [],
    });
  });

  test('a value becomes a mapping, a text in several lines, and nothing', () => {
    const base = 'a: 1\nb: x\nc: 1\nd: 1\n';
    const generated = 'a:\n  k: 1\nb: |\n  one\n    two\n\n  three\nc:\nd: [1, 2]\n';
    const merged = merge(base, 'x:\n    y: 1\na: 1\nb: x\nc: 1 # c\nd: 1\n', generated);
    expect(merged.conflicts).toEqual([]);
    expect(load(merged.content)).toEqual({ x: { y: 1 }, ...Object(load(generated)) });
    expect(merged.content).toContain('# c');
  });

  test('added by both: keys are merged with an empty base', () => {
    const merged = merge(undefined, 'a: 1\nb:\n  c: 1\n', 'a: 1\nb:\n  d: 1\n');
    expect(load(merged.content)).toEqual({ a: 1, b: { c: 1, d: 1 } });
    expect(merged.conflicts).toEqual([]);
  });

  test('10 and "10" are not the same', () => {
    expect(merge('a: 10\nb: 1\n', 'a: "10"\nb: 1\n', 'a: 10.0\nb: 1\n').conflicts).toEqual(['a']);
    expect(merge('a: x\n', 'a: "x"\n', 'a: y\n')).toMatchObject({ content: 'a: y\n', conflicts: [] });
  });
});

describe('lists', () => {
  test.each(['ports', 'depends_on', 'networks', 'secrets', 'volumes'])('%s are sets', key => {
    const merged = merge(`${key}: [a, b]\n`, `${key}: [ mine, b, a ]\n`, `${key}: [a, "c d"]\n`);
    expect(merged).toMatchObject({ content: `${key}: [ mine, a, "c d" ]\n`, conflicts: [] });
  });

  test('in lines too, with their comments', () => {
    const merged = merge(
      'ports:\n  - a\n  - b\n',
      'ports:\n- mine # x\n# about b\n- b\n- a # y\n',
      'ports:\n  - a\n  - "c"\n',
    );
    expect(merged.content).toBe('ports:\n- mine # x\n# about b\n- a # y\n- "c"\n');
  });

  test.each(['command', 'entrypoint', 'test'])('%s is none: its order counts', key => {
    const merged = merge(`${key}: [a, b]\n`, `${key}: [a, b, mine]\n`, `${key}: [a, new, b]\n`);
    expect(merged).toMatchObject({ content: `${key}: [a, b, mine]\n`, conflicts: [key] });
  });

  test('an entry that each side replaced by another is a conflict', () => {
    const merged = merge('ports: ["80:80"]\n', 'ports: ["81:80"]\n', 'ports: ["82:80"]\n');
    expect(merged).toMatchObject({ content: 'ports: ["81:80"]\n', conflicts: ['ports'] });
  });

  test('steps of a workflow merge by lines, each change of both', () => {
    const steps = ['checkout@1', 'node@1', 'cache@1', 'test@1', 'lint@1', 'end@1'];
    const of = (names: string[]) =>
      `steps:\n${names.map(name => `  - uses: ${name}\n    with: 1\n`).join('')}`;
    const yours = of(['mine@1', ...steps]);
    const merged = merge(of(steps), yours, of(steps).replace('test@1', 'test@2'));
    expect(merged).toMatchObject({ content: yours.replace('test@1', 'test@2'), conflicts: [] });
  });
});

describe('anchors', () => {
  const base = 'x-a: &a\n  init: true\nservices:\n  app:\n    <<: *a\n    image: x\n';
  const worker = '  worker:\n    <<: *a\n    image: w\n';

  test('a new service may refer to one that yours still has', () => {
    const yours = base
      .replace('init: true', 'init: true # mine')
      .replace('  app:', '  mine:\n    image: m\n  app:');
    const merged = merge(base, `${yours}  more:\n    image: more\n`, `${base}${worker}`);
    expect(merged.conflicts).toEqual([]);
    expect(merged.content).toBe(`${yours}${worker}  more:\n    image: more\n`);
    expect(mergedCompose(merged.content)).toMatchObject({ services: { worker: { init: true, image: 'w' } } });
  });

  test('not to one that yours has no more, or has elsewhere', () => {
    const without = base.replace('&a', '').replace('    <<: *a\n', '    init: true\n');
    expect(merge(base, without, `${base}${worker}`)).toMatchObject({ content: without });
    expect(merge(base, without, `${base}${worker}`).conflicts).toHaveLength(1);
    const other = `${without.replace('x\n', 'x\n    labels: &a\n      l: x\n')}  z:\n    labels: *a\n`;
    expect(merge(base, other, `${base}${worker}`)).toMatchObject({ content: other });
    expect(merge(base, other, `${base}${worker}`).conflicts).toHaveLength(1);
  });

  test('what a bracketed mapping has inside is one value', () => {
    const merged = merge('a: { b: 1, c: 1 }\n', 'a: { b: 2, c: 1 }\n', 'a: { b: 1, c: 2 }\nd: 1\n');
    expect(merged).toMatchObject({ content: 'a: { b: 2, c: 1 }\nd: 1\n', conflicts: ['a'] });
  });
});

describe('what cannot be merged stays whole', () => {
  const base = 'a: 1\nb: 1\n';
  test.each([
    ['a key that stands twice', 'a: 1\nb: 1\na: 2\n'],
    ['markers', '<<<<<<< mine\na: 1\n=======\nb: 1\n>>>>>>> x\n'],
    ['several documents', 'a: 1\n---\nb: 1\n'],
    ['tabs', 'a:\n\tb: 1\n'],
    ['an alias without its anchor', 'a: *x\nb: 1\n'],
    ['a mapping as a key', '{a: 1}: 1\n'],
    ['brackets without end', '['.repeat(20_000)],
  ])('%s', (_, yours) => {
    const merged = merge(base, yours, 'a: 2\nb: 1\nc: 1\n');
    expect(merged.content).toBe(yours);
    expect(merged.conflicts).toHaveLength(1);
    expect(merged.sidecar).toEqual({ of: 'generated', content: 'a: 2\nb: 1\nc: 1\n' });
  });

  test('nothing but comments', () => {
    expect(merge(base, '# nothing\n', 'a: 2\nb: 1\n').content).toContain('# nothing');
  });
});

describe('the generated files', async () => {
  const plans = await filesOfStages();
  const fileOf = (stage: StageName, path: string) => plans.get(stage)?.get(path) ?? '';

  /** A service and its volume, a setting of the app, and other ports in the open. */
  function asEdited(text: string): string {
    const redis = '  # Our cache.\n  redis:\n    image: redis:8\n    volumes: [cache:/data] # kept\n\n';
    const withService = text.includes('\nvolumes:\n')
      ? text.replace(/\nvolumes:\n/, '\nvolumes:\n  cache: {} # ours\n')
      : `${text}\nvolumes:\n  cache: {} # ours\n`;
    return withService
      .replace('services:\n', `services:\n${redis}`)
      .replace(/( {6})LOG_LEVEL: .*\n/, '$&$1REVIEWS: "on" # ours too\n')
      .replace(/:-(3000|8080|8443)\}/g, ':-1$1}');
  }
  const OWN = [
    '# Our cache.',
    'volumes: [cache:/data] # kept',
    'cache: {} # ours',
    'REVIEWS: "on" # ours too',
  ];

  test.each(STEPS)('%s to %s: compose.yaml', (from, to) => {
    const base = fileOf(from, 'compose.yaml');
    const generated = fileOf(to, 'compose.yaml');
    for (const own of [asEdited(base), asEdited(base).replace(/^ +/gm, '$&$&')]) {
      const merged = merge(base, own, generated);
      expect(merged.conflicts).toEqual([]);
      for (const line of OWN) expect(merged.content).toContain(line);
      const value = Object(mergedCompose(merged.content));
      expect(value.services).toMatchObject({ redis: { image: 'redis:8' } });
      expect(Object.keys(value.services)).toEqual(
        expect.arrayContaining(Object.keys(Object(load(generated)).services)),
      );
      expect(Object.keys(value.secrets ?? {})).toEqual(
        expect.arrayContaining(Object.keys(Object(load(generated)).secrets ?? {})),
      );
      if (to === 'microservices') expect(merged.notes.join()).toContain('services.app: no longer generated');
    }
  });

  test('all the way, each time from what the last step left', () => {
    let own = asEdited(fileOf('stall', 'compose.yaml'));
    for (const [from, to] of STEPS) {
      const merged = merge(fileOf(from, 'compose.yaml'), own, fileOf(to, 'compose.yaml'));
      expect(merged.conflicts, to).toEqual([]);
      own = merged.content;
      for (const line of OWN) expect(own).toContain(line);
    }
    expect(own).toContain(':-13000}');
  });

  test.each(STEPS)('%s to %s: openapi.yaml and workflows', (from, to) => {
    for (const [path, base] of plans.get(from) ?? []) {
      const generated = fileOf(to, path);
      if (!/\.ya?ml$/.test(path) || path === 'compose.yaml' || !generated) continue;
      const own = `# mine\n${base}`.replace(
        /^paths:\n/m,
        `$&  /reviews:\n    get: { responses: { "200": { description: ok } } }\n`,
      );
      const merged = merge(base, own, generated);
      expect(merged.conflicts, path).toEqual([]);
      expect(merged.content).toContain('# mine\n');
      if (/^paths:/m.test(base)) expect(merged.content).toContain('/reviews');
    }
  });
});

test('10,000 lines take less than two seconds', () => {
  const services = (from: number, to: number, tag: number) =>
    `services:\n${Array.from({ length: to - from }, (_, i) => `  s${from + i}:\n    image: i:${tag}\n    ports: [a]\n    init: true\n`).join('')}`;
  const sides = [services(0, 2_000, 1), services(500, 2_500, 1), services(0, 2_500, 2)];
  const before = process.cpuUsage();
  const merged = merge(sides[0], sides[1] ?? '', sides[2] ?? '');
  // Of the processor, not of the clock: other tests run beside this one.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(2);
  expect(merged.conflicts.length).toBeGreaterThan(0);
});

test('random edits: it parses, no key is there twice, and all that its owner added is there', () => {
  const random = wholeNumbers(11);
  let clean = 0;
  for (let run = 0; run < 600; run++) {
    const base = { services: randomMap(random, 2), name: 'shop' };
    const yours = edited(base, random, 'mine');
    const generated = edited(base, random, 'new');
    const mine = written(yours, [2, 4, 3][random(3)] ?? 2, random(2) === 0 ? random : undefined);
    const merged = merge(written(base, 2), mine, written(generated, 2));
    const value = load(merged.content);
    const before = new Map(leaves(base));
    const own = leaves(yours).filter(([path, leaf]) => before.get(path) !== leaf);
    const present = leaves(value as Tree).map(String);
    expect(present, mine).toEqual(expect.arrayContaining(own.map(String)));
    for (const comment of mine.match(/# mine \d+/g) ?? []) expect(merged.content).toContain(comment);
    if (merged.conflicts.length > 0) continue;
    clean++;
    const news = leaves(generated).filter(([path]) => /new\d[^/]*$/.test(path) && !cutOff(path, base, yours));
    expect(present, mine).toEqual(expect.arrayContaining(news.map(String)));
  }
  expect(clean).toBeGreaterThan(200);
});

type Tree = { [key: string]: Tree | string | string[] };

function randomMap(random: (bound: number) => number, depth: number): Tree {
  const entries = Array.from({ length: 1 + random(4) }, (): [string, Tree[string]] => {
    const kind = random(4);
    const value =
      kind === 0 ? ['a', 'b'] : kind === 1 || depth === 0 ? `v${random(5)}` : randomMap(random, depth - 1);
    return [`k${random(9)}`, value];
  });
  return Object.fromEntries(entries);
}

function edited(tree: Tree, random: (bound: number) => number, who: string): Tree {
  const entries = Object.entries(tree).flatMap(([key, value]): [string, Tree[string]][] => {
    const choice = random(10);
    if (choice === 0 && key !== 'services') return [];
    if (typeof value === 'string') return [[key, choice === 1 ? `${who} changed` : value]];
    if (Array.isArray(value)) return [[key, choice < 4 ? [...value, `${who}-item`] : value]];
    return [[key, edited(value, random, who)]];
  });
  if (random(2) === 0)
    entries.splice(random(entries.length + 1), 0, [
      `${who}${random(5)}`,
      random(2) === 0 ? `${who} added` : { in: who },
    ]);
  if (random(8) === 0)
    entries.push([`both${random(2)}`, random(2) === 0 ? `${who}-both` : { [who]: `${who}-in` }]);
  return entries.length > 0 ? Object.fromEntries(entries) : { [`${who}9`]: who };
}

/** In block style, some lists between brackets; with comments of an owner if there is a `random` to place them. */
function written(tree: Tree, step: number, random?: (bound: number) => number, indent = ''): string {
  let text = '';
  for (const [key, value] of Object.entries(tree)) {
    const note = random && random(4) === 0 ? `# mine ${random(1e6)}` : '';
    if (note && random && random(2) === 0) text += `${indent}${note}\n`;
    const tail = note ? ` ${note}` : '';
    if (typeof value === 'string') text += `${indent}${key}: "${value}"${tail}\n`;
    else if (!Array.isArray(value))
      text += `${indent}${key}:${tail}\n${written(value, step, random, indent + ' '.repeat(step))}`;
    else if (/[02468]/.test(key)) text += `${indent}${key}: [${value.join(', ')}]${tail}\n`;
    else text += `${indent}${key}:${tail}\n${value.map(item => `${indent}  - ${item}\n`).join('')}`;
  }
  return text;
}

function leaves(tree: Tree[string], path = ''): [string, string][] {
  if (typeof tree === 'string') return [[path, tree]];
  if (Array.isArray(tree)) return tree.map(item => [`${path}/[${item}]`, item]);
  return Object.entries(tree).flatMap(([key, value]) => leaves(value, `${path}/${key}`));
}

/** Whether yours no longer has the mapping of base that this path lies in. */
function cutOff(path: string, base: Tree, yours: Tree): boolean {
  let before: Tree[string] | undefined = base;
  let now: Tree[string] | undefined = yours;
  for (const key of path.split('/').slice(1, -1)) {
    before =
      before !== undefined && !Array.isArray(before) && typeof before === 'object' ? before[key] : undefined;
    now = now !== undefined && !Array.isArray(now) && typeof now === 'object' ? now[key] : undefined;
    if (typeof now !== 'object' && (before !== undefined || now !== undefined)) return true;
  }
  return false;
}
