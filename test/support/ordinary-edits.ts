/** The edits that come first: whoever makes them has broken nothing, and `verify` must not say so. */
import { rm } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import { openProject } from '../../src/project/generated.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';
import { defaultAnswers, installedProject } from './generated-project.ts';
import { Editor } from './realistic-edits.ts';

const LIMIT_MS = 240_000;

type Stage = 'stall' | 'database';
type Edit = readonly [path: string, find: string | RegExp, replace: string];

/** Where a stage has its first products, and how two of one's own are written there. */
const PRODUCTS: Readonly<Record<Stage, { readonly path: string; readonly own: readonly [RegExp, string] }>> =
  {
    stall: {
      path: 'src/products/catalogue.ts',
      own: [
        /= \[\n[\s\S]*\];/,
        `= [\n  ['Honey', 'From the roof', 600, 5000],\n  ['Wax', 'For 100 % of shoes', 450, 5000],\n];`,
      ],
    },
    database: {
      path: 'migrations/products/0002_first_products.sql',
      own: [
        / values\n[\s\S]*?;/,
        ` values\n  (1, 'Honey', 'From the roof', 600, 5000),\n  (2, 'Wax', 'For 100 % of shoes', 450, 5000);`,
      ],
    },
  };

const WISHLIST: readonly Edit[] = [
  [
    'src/products/routes.ts',
    '): void {\n',
    `): void {\n  http.get('/wishlist', async () => ({ wishes: ['a bell'] }));\n\n`,
  ],
  [
    'openapi.yaml',
    '\n  /sessions:\n',
    `
  /wishlist:
    get:
      summary: What is wished for
      responses:
        "200":
          description: Wishes
          content:
            application/json:
              schema: { type: object, required: [wishes], properties: { wishes: { type: array } } }

  /sessions:
`,
  ],
];

function editsAt(stage: Stage): Readonly<Record<string, readonly Edit[]>> {
  const { path, own } = PRODUCTS[stage];
  return {
    'another price': [[path, '7900', '6900']],
    'a new route that openapi.yaml describes': WISHLIST,
    'another demo address': [
      ['src/sessions/seed.ts', 'demo@shop.example', 'tester@bees.example'],
      ['stage.yaml', 'demo@shop.example', 'tester@bees.example'],
    ],
    'two products of one’s own': [[path, ...own]],
  };
}

export function describeOrdinaryEdits(stage: Stage): void {
  const edits = editsAt(stage);
  describe(`ordinary edits at the ${stage} stage`, () => {
    test.each(Object.entries(edits))(
      '%s: everything is still kept',
      { timeout: LIMIT_MS },
      async (_title, edit) => {
        const { guarantees } = await withEdits(stage, edit, verified);
        const others = guarantees.filter(({ status }) => status !== 'kept');
        expect(others.map(({ id, detail }) => `${id}: ${detail}`)).toEqual([]);
        expect(guarantees.length).toBeGreaterThan(0);
      },
    );

    test('all of them: the project’s own tests still pass', { timeout: LIMIT_MS }, async () => {
      // An own catalogue has no price to change.
      const { 'another price': _, ...others } = edits;
      await withEdits(stage, Object.values(others).flat(), async directory => {
        const options = { cwd: directory, all: true, reject: false, env: { CI: 'true' } };
        const { all, exitCode } = await execa('npm', ['test'], options);
        expect(exitCode, all).toBe(0);
      });
    });

    test('a new route that answers as openapi.yaml does not say is caught', {
      timeout: LIMIT_MS,
    }, async () => {
      const wrong: Edit = [
        'src/products/routes.ts',
        'async () => ({',
        'async (_request, reply) => reply.code(203).send({',
      ];
      const { guarantees } = await withEdits(stage, [...WISHLIST, wrong], directory =>
        verified(directory, ['stall.contract']),
      );
      expect(guarantees).toMatchObject([{ id: 'stall.contract', status: 'broken' }]);
      expect(guarantees[0]?.detail).toMatch(
        /GET \/wishlist answered 203, which openapi.yaml does not document/,
      );
    });
  });
}

async function verified(directory: string, only?: readonly string[]): Promise<VerifyReport> {
  const { blueprint, stageFile } = await openProject(directory, directory);
  return await verifyProject({
    directory,
    blueprint,
    stageFile,
    engine: nativeEngine,
    ...(only && { only }),
  });
}

/** A fresh project with the edits made, for as long as the work takes. */
async function withEdits<T>(
  stage: Stage,
  edits: readonly Edit[],
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await installedProject(defaultAnswers(stage));
  try {
    const editor = new Editor(directory);
    for (const [path, find, replace] of edits) {
      const text = editor.read(path);
      const edited = text.replace(find, () => replace);
      if (edited === text) throw new Error(`${path} has no ${find}`);
      editor.write(path, edited);
    }
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
