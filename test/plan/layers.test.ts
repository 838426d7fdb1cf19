import { expect, test } from 'vitest';
import { stagesUpTo } from '../../src/journey/stages.ts';
import {
  grownOwnPath,
  grownPath,
  layersOf,
  overlayLayers,
  type PackedLayer,
  type PackedLayers,
} from '../../src/plan/layers.ts';

const layer = (files: Record<string, string>, rules: Partial<PackedLayer> = {}): PackedLayer => ({
  moves: [],
  drops: [],
  hides: [],
  shows: [],
  follow: [],
  splits: [],
  services: [],
  partials: {},
  files: Object.entries(files).map(([path, text]) => ({ path, text })),
  ...rules,
});

const upToPool = layersOf('shop', stagesUpTo('pool'));

const texts = (layers: PackedLayers, names = upToPool) =>
  Object.fromEntries([...overlayLayers(layers, names).files.values()].map(file => [file.path, file.text]));

test('a stage brings its box, then what the program of the sample does', () => {
  expect(layersOf('small', stagesUpTo('database'))).toEqual([
    'boxes/stall',
    'samples/small/stall',
    'boxes/database',
    'samples/small/database',
  ]);
});

test('a later layer replaces a file and keeps the others, and the base lies below all', () => {
  const layers = {
    'boxes/database': layer({ b: '2' }),
    'boxes/balancer': layer({ c: 'later' }),
    'samples/shop/stall': layer({ a: '1', b: '1', d: '1' }),
    'samples/shop/database': layer({ d: '3' }),
    'samples/other/stall': layer({ a: 'of another sample' }),
    base: layer({ a: '0', e: '0' }),
  };
  expect(texts(layers)).toEqual({ a: '1', b: '2', d: '3', e: '0' });
});

test('a move takes a folder along with every byte, a drop removes it', () => {
  const layers = {
    base: layer({ 'src/orders/a.ts': '1', 'src/old/b.ts': '1', 'src/app.ts': '1' }),
    'boxes/pool': layer(
      {},
      { moves: [['src/orders/', 'services/orders/src/']], drops: ['src/old/', 'src/app.ts'] },
    ),
  };
  expect(texts(layers)).toEqual({ 'services/orders/src/a.ts': '1' });
});

test('a file may replace one that was just moved away or into its place', () => {
  const layers = {
    base: layer({ 'src/a.ts': 'old' }),
    'boxes/pool': layer({ 'src/a.ts': 'new', 'lib/a.ts': 'mine' }, { moves: [['src/', 'lib/']] }),
  };
  expect(texts(layers)).toEqual({ 'src/a.ts': 'new', 'lib/a.ts': 'mine' });
});

test('a file that a layer hides is left out until a later one shows it, wherever it was moved meanwhile', () => {
  const layers = {
    base: layer({ compose: '0', 'ci/test': '0', 'ci/lint': '0', kept: '0' }),
    'samples/shop/stall': layer({ 'ci/own': '1' }, { hides: ['compose', 'ci/'] }),
    'boxes/database': layer({ compose: '2' }, { moves: [['ci/', 'checks/']] }),
    'samples/shop/database': layer({}, { shows: ['checks/lint'] }),
    'samples/shop/pool': layer({}, { shows: ['compose', 'checks/'] }),
  };
  const upTo = (stage: Parameters<typeof stagesUpTo>[0]) =>
    texts(layers, layersOf('shop', stagesUpTo(stage)));
  expect(upTo('stall')).toEqual({ kept: '0', 'ci/own': '1' });
  expect(upTo('database')).toEqual({ kept: '0', 'checks/own': '1', 'checks/lint': '0' });
  expect(upTo('pool')).toEqual({
    kept: '0',
    compose: '2',
    'checks/own': '1',
    'checks/lint': '0',
    'checks/test': '0',
  });
});

test("growing takes generated files where the layers move them, and the owner's along with their folder", () => {
  const layers = {
    'boxes/database': layer({}, { drops: ['src/old.ts'] }),
    'samples/shop/pool': layer(
      {},
      { moves: [['src/orders/', 'services/orders/']], follow: [['src/', 'services/shop/']] },
    ),
  };
  const climbed = layersOf('shop', stagesUpTo('pool').slice(1));
  expect(grownPath(layers, climbed, 'src/orders/a.ts')).toBe('services/orders/a.ts');
  expect(grownPath(layers, climbed, 'src/app.ts')).toBe('src/app.ts');
  expect(grownPath(layers, climbed, 'src/old.ts')).toBeUndefined();
  expect(grownOwnPath(layers, climbed, 'src/orders/mine.ts')).toBe('services/orders/mine.ts');
  expect(grownOwnPath(layers, climbed, 'src/mine.ts')).toBe('services/shop/mine.ts');
  expect(grownOwnPath(layers, climbed, 'notes.md')).toBe('notes.md');
});

test('what a stage splits is what it moves out of the program before', async () => {
  const { layers } = await import('packed-templates');
  const all: readonly PackedLayer[] = Object.values(layers);
  expect(all.flatMap(({ splits }) => splits)).not.toEqual([]);
  for (const { splits, moves } of all)
    expect(moves.map(([from]) => from)).toEqual(expect.arrayContaining([...splits]));
});
