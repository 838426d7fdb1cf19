import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { STAGE_NAMES, type StageName } from '../../src/journey/stages.ts';
import type { ChangePlan } from '../../src/project/change/model.ts';
import { planChange } from '../../src/project/change/plan-change.ts';
import { prepareChange } from '../../src/project/change/prepare-change.ts';
import { readManifest } from '../../src/project/manifest.ts';
import { mergedCompose } from '../support/compose-config.ts';
import { VARIATIONS } from '../support/edit-variations.ts';
import { answersAt, conflictsIn, everything, generate, growTo } from '../support/grown-project.ts';
import { danglingRefs } from '../support/openapi-refs.ts';
import { DEPENDENCY, Editor, editsSince, missingLines } from '../support/realistic-edits.ts';
import { STEPS } from '../support/stage-files.ts';
import { temporaryFolder } from '../support/tool.ts';

const folder = temporaryFolder();
const newFolder = () => mkdtempSync(join(folder, 'shop-'));
// All at once would be too many files for one hook.
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

const PAIRS = STAGE_NAMES.flatMap((from, at) => STAGE_NAMES.slice(at + 1).map(to => [from, to] as const));

describe('a project that nobody edited', () => {
  it.each(PAIRS)('grows from %s to %s into what is generated there, byte for byte', async (from, to) => {
    const [grown, fresh] = [newFolder(), newFolder()];
    await generate(grown, answersAt(from));
    await growTo(grown, answersAt(to));
    await generate(fresh, answersAt(to));
    expect(everything(grown)).toEqual(everything(fresh));
  });
});

describe('a project with realistic edits', () => {
  it('grows through all stages without a conflict, and every edited line is there', async () => {
    const directory = newFolder();
    await generate(directory, answersAt('stall'));
    let before: StageName | undefined;
    for (const stage of STAGE_NAMES) {
      if (before) expect(conflictsIn(await growTo(directory, answersAt(stage))), stage).toEqual([]);
      expect(danglingRefs(readFileSync(join(directory, 'openapi.yaml'), 'utf8')), stage).toEqual([]);
      for (const { make } of editsSince(stage, before)) make(new Editor(directory));
      before = stage;
      expect(missingLines(directory, stage), stage).toEqual([]);
      const products = stage === 'microservices' ? 'services/shop/src/products' : 'src/products';
      expect(new Editor(directory).has(`${products}/products.test.ts`), 'what its owner deleted').toBe(false);
    }
    const text = (path: string) => readFileSync(join(directory, path), 'utf8');
    const shop = (
      mergedCompose(text('compose.yaml')) as { services: Record<string, { environment?: object }> }
    ).services;
    expect(shop.shop?.environment).toMatchObject({
      REVIEW_LENGTH: '400',
      POOL_MAX: '12',
      PGDATABASE: 'shop',
    });
    expect(Object.keys(shop)).not.toContain('app');
    expect(JSON.parse(text('services/shop/package.json')).dependencies).toMatchObject({
      [DEPENDENCY[0]]: DEPENDENCY[1],
      fastify: expect.any(String),
    });
    expect(text('services/payments/src/server.ts')).toContain("from './simulated-provider.ts'");
    expect(await growTo(directory, answersAt('microservices'))).toMatchObject({ writes: [] });
  });

  it.each(PAIRS)('grows from %s to %s at once', async (from, to) => {
    const directory = newFolder();
    await generate(directory, answersAt(from));
    const edits = editsSince(from);
    for (const { make } of edits) make(new Editor(directory));
    expect(conflictsIn(await growTo(directory, answersAt(to)))).toEqual([]);
    expect(missingLines(directory, to, edits)).toEqual([]);
    expect(danglingRefs(readFileSync(join(directory, 'openapi.yaml'), 'utf8'))).toEqual([]);
  });
});

function openapiAfter(directory: string, { writes }: ChangePlan): string {
  const written = writes.find(({ path }) => path === 'openapi.yaml')?.content;
  return written?.toString() ?? readFileSync(join(directory, 'openapi.yaml'), 'utf8');
}

describe('a project that became another one', () => {
  /** What each owner takes out of openapi.yaml: paths, then components. */
  const REMOVED = {
    'its schemas': [/^ {2}\/(?:products|orders|sessions)/, /^ {4}(?:Product|Order|Session):$/],
    'all that its own parts do not need': [
      /^ {2}\/(?:products|orders|sessions)/,
      /^ {2}(?:schemas|parameters|securitySchemes):$/,
    ],
    'all components': [/^ {2}\//, /^components:$/],
  };

  it.each(Object.keys(REMOVED) as (keyof typeof REMOVED)[])(
    'and whose owner removed %s from openapi.yaml gets back what new parts of it need, at every stage',
    async what => {
      const directory = newFolder();
      await generate(directory, answersAt('database'));
      const editor = new Editor(directory);
      editor.write('openapi.yaml', `${without(editor.read('openapi.yaml'), REMOVED[what])}\n# mine\n`);
      editor.after(
        'openapi.yaml',
        'paths:',
        '  /rooms:',
        '    get: { responses: { "200": { description: ok } } }',
      );
      for (const stage of ['pool', 'balancer', 'nginx', 'microservices'] as const) {
        expect(conflictsIn(await growTo(directory, answersAt(stage))), stage).toEqual([]);
        const text = editor.read('openapi.yaml');
        expect(text).toContain('/rooms:');
        if (stage === 'microservices') expect(text).toContain('/search:');
        else expect(text, 'nothing new needs it').not.toContain('/products');
        if (stage === 'microservices') expect(danglingRefs(text)).toEqual([]);
      }
    },
  );
});

/** A text without the blocks that begin with such lines. */
function without(text: string, starts: readonly RegExp[]): string {
  let dropped = Number.POSITIVE_INFINITY;
  const lines = text.split('\n').filter(line => {
    const indent = line.search(/\S/);
    if (indent >= 0 && indent <= dropped) {
      dropped = starts.some(start => start.test(line)) ? indent : Number.POSITIVE_INFINITY;
    }
    return dropped === Number.POSITIVE_INFINITY;
  });
  return lines.join('\n');
}

/** Where a person has to choose, and why: the generator changes or drops the very lines beside. */
const IN_CONFLICT: Readonly<Record<string, readonly StageName[]>> = {
  // The database makes each store another one, and orders leave the shop with theirs.
  'a store before http': ['stall'],
  'a store after the products': ['stall'],
  'a store after the orders': ['stall', 'nginx'],
  // What a stage needs to know comes first, and the modules that leave stand before those that stay.
  'a field of AppConfig first': ['stall', 'nginx'],
  'a schema in migrate.ts first': ['nginx'],
  'a location after the API': ['nginx'],
};

describe('an ordinary edit', () => {
  it.each(STEPS)(
    'merges when a project grows from %s to %s, wherever it is made',
    async (from, to) => {
      const directory = newFolder();
      await generate(directory, answersAt(from));
      const manifest = await readManifest(directory);
      const request = await prepareChange({ directory, manifest }, answersAt(to), {
        command: 'grow',
        mode: 'inline',
      });
      const found: Record<string, string[]> = {};
      let made = 0;
      for (const { name, make } of VARIATIONS) {
        const editor = new Editor(directory);
        try {
          make(editor);
          made++;
          const change = await planChange(request);
          const conflicts = conflictsIn(change);
          expect(danglingRefs(openapiAfter(directory, change)), name).toEqual([]);
          if (conflicts.length > 0)
            found[name] = conflicts.map(({ path, conflicts }) => `${path} ${conflicts}`);
        } catch (error) {
          // This stage has no such place.
          if (!/ has \d+ × |ENOENT/.test(String(error))) throw error;
        } finally {
          editor.undo();
        }
      }
      const expected = Object.keys(IN_CONFLICT).filter(name => IN_CONFLICT[name]?.includes(from));
      expect(Object.keys(found).sort(), JSON.stringify(found, null, 2)).toEqual(expected.sort());
      expect(made).toBeGreaterThan(60);
    },
    120_000,
  );
});
