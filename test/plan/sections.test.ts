import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packTemplates } from '../../scripts/pack-templates.mjs';
import { stagesUpTo } from '../../src/journey/stages.ts';
import { layersOf, overlayLayers, type PackedLayers } from '../../src/plan/layers.ts';
import { createRenderer } from '../../src/plan/render.ts';
import { temporaryFolder } from '../support/tool.ts';

const FILES = {
  'base/list.hbs':
    '{{#each (sections "part")}}\n{{> (concat this) @root}}\n{{/each}}\n{{> (concat "the-" "end")}}\n',
  'base/_partials/the-end.hbs': 'end\n',
  'boxes/stall/_partials/part/z.hbs': 'z of the box, {{name}}\n',
  'samples/shop/stall/_partials/part/b.hbs': 'b\n',
  'samples/shop/stall/_partials/part/a.hbs': 'a\n',
  'boxes/database/_partials/part/k.hbs': 'k of the box\n',
  'samples/shop/database/_partials/part/z.hbs': 'z of the shop, {{name}}\n',
  'samples/shop/database/_partials/part/b.hbs': '{{! no longer }}\n',
  'samples/other/stall/_partials/part/o.hbs': 'of another sample\n',
};

/** The files as a template folder, packed and loaded again. */
async function packed(files: Readonly<Record<string, string>>): Promise<PackedLayers> {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const module = join(root, 'packed.mjs');
  writeFileSync(module, packTemplates(root));
  return (await import(/* @vite-ignore */ pathToFileURL(module).href)).layers;
}

const layers = await packed(FILES);

function rendered(stage: Parameters<typeof stagesUpTo>[0]): string {
  const { files, partials } = overlayLayers(layers, layersOf('shop', stagesUpTo(stage)));
  const file = files.get('list');
  return file ? createRenderer(partials, { name: 'my-shop', envValue: () => '' })(file) : 'no list';
}

test('a template includes the sections of all layers in their order, and within one by name', () => {
  expect(rendered('stall')).toBe('z of the box, my-shop\na\nb\nend\n');
});

test('a section that a later layer brings again stays in its place, and may be empty', () => {
  expect(rendered('database')).toBe('z of the shop, my-shop\na\nk of the box\nend\n');
});

test('where no layer brings a section there is nothing', async () => {
  const { partials, files } = overlayLayers(
    await packed({
      'base/list.hbs': 'before\n{{#each (sections "part")}}\n{{> (concat this)}}\n{{/each}}\nafter\n',
    }),
    [],
  );
  const file = files.get('list');
  expect(file && createRenderer(partials, { envValue: () => '' })(file)).toBe('before\nafter\n');
});
