import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renameServices } from '../../../src/project/change/compose-services.ts';
import { ChangedProject, type Files, statusOf } from '../../support/changed-project.ts';
import { temporaryFolder } from '../../support/tool.ts';

const lines = (...all: string[]) => `${all.join('\n')}\n`;
const PROVIDER = lines('export', 'what', 'plays', 'the', 'card', 'company');
const APP = lines(
  "import { play } from './payments/provider.ts';",
  "import { run } from '#kit/run';",
  '',
  'run(play);',
);

const folder = temporaryFolder();
let count = 0;
const project = (files: Files) => new ChangedProject(join(folder, String(count++)), files);

describe('a file that its owner renamed', () => {
  const renamed = () => {
    const shop = project({ 'src/app.ts': APP, 'src/payments/provider.ts': PROVIDER, 'src/old.ts': APP });
    shop.move('src/payments/provider.ts', 'src/cards/simulated.ts');
    shop.edit('src/app.ts', './payments/provider.ts', './cards/simulated.ts');
    return shop;
  };

  it('is no change of what imports it: the generator may drop that line', async () => {
    const shop = renamed();
    const change = await shop.grow({ 'src/app.ts': lines("import { run } from '#kit/run';", '', 'run();') });
    expect(statusOf(change, 'src/app.ts')).toBe('merged');
    expect(shop.read('src/app.ts')).toBe(lines("import { run } from '#kit/run';", '', 'run();'));
  });

  it('is imported under its new name by what comes after', async () => {
    const shop = renamed();
    await shop.grow({
      'src/payments/server.ts': lines("const { play } = await import('./provider.ts');", "from './other.ts'"),
      'src/app.ts': `${APP}stop();\n`,
    });
    expect(shop.read('src/payments/server.ts')).toBe(
      lines("const { play } = await import('../cards/simulated.ts');", "from './other.ts'"),
    );
    expect(shop.read('src/app.ts')).toBe(`${APP.replace('payments/provider', 'cards/simulated')}stop();\n`);
    expect(
      await shop.grow({
        'src/payments/server.ts': lines(
          "const { play } = await import('./provider.ts');",
          "from './other.ts'",
        ),
        'src/app.ts': `${APP}stop();\n`,
      }),
    ).toMatchObject({ writes: [] });
  });

  it('mends an import that its owner forgot', async () => {
    const shop = renamed();
    await shop.grow({ 'src/old.ts': `${APP}stop();\n` });
    expect(shop.read('src/old.ts')).toContain("'./cards/simulated.ts'");
  });
});

describe('a service of compose.yaml that is called otherwise', () => {
  const compose = (name: string, more: readonly string[] = []) =>
    lines(
      'services:',
      `  ${name}:`,
      '    environment:',
      '      PORT: "3000"',
      '      LOG: "info"',
      ...more,
      'networks:',
      '  app: {}',
    );
  const follow = { services: [['app', 'shop']] as const, splits: [], dependencies: undefined };

  it('keeps what its owner changed in it', async () => {
    const shop = project({ 'compose.yaml': compose('app') });
    shop.edit('compose.yaml', '"3000"', '"3001"');
    shop.edit('compose.yaml', 'networks:', '  mine:\n    depends_on: [app]\nnetworks:');
    const change = await shop.grow({ 'compose.yaml': compose('shop', ['      KEY: "1"']) }, { follow });
    expect(statusOf(change, 'compose.yaml')).toBe('merged');
    expect(shop.read('compose.yaml')).toBe(
      compose('shop', ['      KEY: "1"', '  mine:', '    depends_on: [shop]']).replace('3000', '3001'),
    );
  });

  it.each(['inline', 'theirs'] as const)('is not renamed in a file that cannot be merged: %s', async mode => {
    const shop = project({ 'compose.yaml': compose('app') });
    shop.edit('compose.yaml', '  app:', '  app: /* mine */');
    const before = shop.read('compose.yaml');
    await shop.grow({ 'compose.yaml': compose('shop', ['      KEY: "1"']) }, { follow, mode });
    expect(shop.read(mode === 'theirs' ? 'compose.yaml.stage-yours' : 'compose.yaml')).toBe(before);
  });

  it('is renamed where it stands and where others depend on it, and nowhere else', () => {
    const text = lines(
      'name: app',
      'services:',
      '  "app": # app',
      '    networks: [app]',
      '    volumes:',
      '      - app',
      '    labels:',
      '      app: app',
      '  apple:',
      '    depends_on:',
      '      app: { condition: service_healthy }',
      '      db:',
      '        condition: app',
      '  other:',
      '    depends_on:',
      '      - app # first',
      '      - db',
      '    command: app',
      '  flow:',
      '    depends_on: { db: {}, app: { condition: service_started } }',
      'networks:',
      '  app: {}',
    );
    const renamed = text
      .replace('"app": #', '"shop": #')
      .replace('app: { condition: service_healthy', 'shop: { condition: service_healthy')
      .replace('- app # first', '- shop # first')
      .replace('db: {}, app:', 'db: {}, shop:');
    expect(renameServices(text, [['app', 'shop']])).toBe(renamed);
    expect(renameServices(text, [['app', 'apple']])).toBe(text);
    expect(renameServices('name: app\n', [['app', 'shop']])).toBe('name: app\n');
  });
});

describe('dependencies of the owner', () => {
  const follow = { services: [], splits: [], dependencies: 'services/shop/package.json' };
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const ROOT = json({ name: 'shop', dependencies: { fastify: '5.0.0' } });
  const SHOP = json({ name: '@shop/shop', dependencies: { fastify: '5.0.0' } });

  it('go along to the program that gets their files', async () => {
    const shop = project({ 'package.json': ROOT });
    shop.edit('package.json', '"fastify": "5.0.0"', '"nanoid": "5.1.12",\n    "fastify": "5.0.0"');
    const change = await shop.grow(
      { 'package.json': json({ name: 'shop' }), 'services/shop/package.json': SHOP },
      { follow },
    );
    expect(shop.read('services/shop/package.json')).toBe(
      json({ name: '@shop/shop', dependencies: { fastify: '5.0.0', nanoid: '5.1.12' } }),
    );
    expect(shop.read('package.json')).toContain('"nanoid": "5.1.12"');
    expect(change.files.find(({ path }) => path === 'services/shop/package.json')?.notes).toEqual([
      'nanoid: from package.json, for your files that go along',
    ]);
  });

  it('are none where only the generated ones are there, or nothing can be read', async () => {
    for (const text of [ROOT.replace('5.0.0', '4.0.0'), '{']) {
      const shop = project({ 'package.json': ROOT });
      shop.write('package.json', text);
      await shop.grow({ 'services/shop/package.json': SHOP }, { follow });
      expect(shop.read('services/shop/package.json')).toBe(SHOP);
    }
  });
});
