import { expect, test } from 'vitest';
import { stagesUpTo } from '../../src/journey/stages.ts';
import { grownOwnPath, grownPath, overlayLayers, type PackedLayer } from '../../src/plan/layers.ts';

const layer = (files: Record<string, string>, rules: Partial<PackedLayer> = {}): PackedLayer => ({
  moves: [],
  drops: [],
  follow: [],
  splits: [],
  services: [],
  partials: {},
  files: Object.entries(files).map(([path, text]) => ({ path, text })),
  ...rules,
});

const texts = (layers: Record<string, PackedLayer>) =>
  Object.fromEntries(
    [...overlayLayers(layers, stagesUpTo('pool')).files.values()].map(file => [file.path, file.text]),
  );

test('a later layer replaces a file and keeps the others', () => {
  const layers = {
    stall: layer({ a: '1', b: '1' }),
    database: layer({ b: '2' }),
    balancer: layer({ c: 'later' }),
  };
  expect(texts(layers)).toEqual({ a: '1', b: '2' });
});

test('a move takes a folder along with every byte, a drop removes it', () => {
  const layers = {
    stall: layer({ 'src/orders/a.ts': '1', 'src/old/b.ts': '1', 'src/app.ts': '1' }),
    pool: layer({}, { moves: [['src/orders/', 'services/orders/src/']], drops: ['src/old/', 'src/app.ts'] }),
  };
  expect(texts(layers)).toEqual({ 'services/orders/src/a.ts': '1' });
});

test('a file may replace one that was just moved away or into its place', () => {
  const layers = {
    stall: layer({ 'src/a.ts': 'old' }),
    pool: layer({ 'src/a.ts': 'new', 'lib/a.ts': 'mine' }, { moves: [['src/', 'lib/']] }),
  };
  expect(texts(layers)).toEqual({ 'src/a.ts': 'new', 'lib/a.ts': 'mine' });
});

test("growing takes generated files where the layers move them, and the owner's along with their folder", () => {
  const layers = {
    database: layer({}, { drops: ['src/old.ts'] }),
    pool: layer({}, { moves: [['src/orders/', 'services/orders/']], follow: [['src/', 'services/shop/']] }),
  };
  const climbed = stagesUpTo('pool').slice(1);
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
