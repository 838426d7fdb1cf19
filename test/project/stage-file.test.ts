import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { STAGE_NAMES, type StageName, stageIndex } from '../../src/journey/stages.ts';
import { findDrift } from '../../src/project/change/drift.ts';
import { openAnyhow, openProject } from '../../src/project/generated.ts';
import { readManifest } from '../../src/project/manifest.ts';
import { parseStageFile } from '../../src/stage-file/read.ts';
import { answersAt, conflictsIn, generate, growTo } from '../support/grown-project.ts';
import { temporaryFolder } from '../support/tool.ts';

const folder = temporaryFolder();
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(folder, 'shop-'));
});
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

const file = (path = 'stage.yaml') => join(directory, path);
const text = (path?: string) => readFileSync(file(path), 'utf8');
const change = (path: string, from: string | RegExp, to: string) => {
  expect(text(path)).toMatch(from);
  writeFileSync(file(path), text(path).replace(from, to));
};

describe('a stage file that its owner has edited', () => {
  const read = '  read: { get: /rooms, status: [200, 304] } # open to everybody';
  const reason = '{ guarantee: nginx.caching, because: ours are private }';

  async function edited(stage: StageName) {
    await generate(directory, answersAt(stage));
    change('stage.yaml', '  read: { get: /products?limit=1 }', read);
    change('stage.yaml', '    key: Idempotency-Key\n', '');
    change('stage.yaml', 'notPromised: []', `notPromised:\n  - ${reason}`);
    change('stage.yaml', '# How to ask it.', '# Ask Anna before you change this.');
  }

  const expectEdits = () => {
    expect(text()).toContain(read);
    expect(text()).toContain(reason);
    expect(text()).not.toContain('key: Idempotency-Key');
    expect(text()).toContain('# Ask Anna before you change this.');
    const { probes, notPromised } = parseStageFile(text(), { program: 'app' });
    expect(probes.read).toEqual({ get: '/rooms', status: [200, 304] });
    expect(probes.write).not.toHaveProperty('key');
    expect(notPromised).toHaveLength(1);
  };

  test('keeps all of it from stall to nginx, and gets a database', async () => {
    await edited('stall');
    for (const stage of STAGE_NAMES.slice(1, stageIndex('nginx') + 1)) {
      expect(conflictsIn(await growTo(directory, answersAt(stage))), stage).toEqual([]);
      expectEdits();
      expect(parseStageFile(text(), { program: 'app' }).database).toEqual({
        lock: 'products.products',
        counts: 'orders.orders',
      });
    }
    expect((await openProject(directory, directory)).stageFile.probes.read?.get).toBe('/rooms');
  });

  test('keeps its probes at microservices, where there are several programs', async () => {
    await edited('nginx');
    expect(conflictsIn(await growTo(directory, answersAt('microservices')))).toEqual([]);
    expectEdits();
    const { programs, probes } = parseStageFile(text(), { program: 'shop' });
    expect(Object.keys(programs)).toEqual(['shop', 'orders', 'payments', 'search', 'receipts']);
    expect(probes.write?.settles).toEqual({ field: 'state', to: ['completed'] });
  });

  test('what it says of the one program is said of the one that it becomes', async () => {
    await generate(directory, answersAt('nginx'));
    change('stage.yaml', 'ready: /readyz', 'ready: /healthz');
    expect(conflictsIn(await growTo(directory, answersAt('microservices')))).toEqual([]);
    const { programs } = parseStageFile(text(), { program: 'shop' });
    expect(programs.shop).toMatchObject({ ready: '/healthz', port: 3000 });
    expect(programs.orders).toMatchObject({ ready: '/readyz' });
    expect(text('compose.yaml').match(/GET \/healthz/g)).toHaveLength(1);
    expect((await findDrift(await openAnyhow(directory, directory))).outdated).toEqual([]);
  });

  test('where that cannot be, it is a conflict, and stays as it was written', async () => {
    await generate(directory, answersAt('nginx'));
    const program = 'program: { start: node dist/server.js, port: 3000, ready: /healthz }\n';
    change('stage.yaml', /program:\n(?: {2}.*\n)+/, program);
    const conflicts = conflictsIn(await growTo(directory, answersAt('microservices')));
    expect(conflicts).toMatchObject([{ path: 'stage.yaml', sidecar: 'stage.yaml.stage-new' }]);
    expect(text()).toContain(program);
    expect(text('stage.yaml.stage-new')).toContain('  orders:\n');
  });

  test('says what compose.yaml and the balancer ask for', async () => {
    await generate(directory, answersAt('pool'));
    change('stage.yaml', 'ready: /readyz', 'ready: /healthz');
    await growTo(directory, answersAt('balancer'));
    expect(text('compose.yaml')).toContain('GET /healthz');
    expect(text('haproxy/haproxy.cfg')).toContain('uri /healthz');
    expect(text()).toContain('ready: /healthz');
    const opened = await openAnyhow(directory, directory);
    expect(opened.blueprint.nodes).toContainEqual(expect.objectContaining({ healthPath: '/healthz' }));
    expect((await findDrift(opened)).outdated).toEqual([]);
  });

  test('is outdated files where those do not yet follow it', async () => {
    await generate(directory, answersAt('balancer'));
    change('stage.yaml', 'ready: /readyz', 'ready: /healthz');
    const { outdated } = await findDrift(await openAnyhow(directory, directory));
    expect(outdated.map(({ path }) => path).sort()).toEqual(['compose.yaml', 'haproxy/haproxy.cfg']);
  });
});

describe('a stage file that cannot be understood', () => {
  beforeEach(async () => {
    await generate(directory, answersAt('stall'));
    change('stage.yaml', 'port: 3000', 'prot: 3000');
  });

  test('is refused with its place', async () => {
    await expect(openProject(directory, directory)).rejects.toThrow(/^stage\.yaml:\d+:3: "prot" is no key/);
  });

  test('is among what has drifted', async () => {
    const { corrupt } = await findDrift(await openAnyhow(directory, directory));
    expect(corrupt).toEqual([{ path: 'stage.yaml', what: expect.stringMatching(/"prot" is no key/) }]);
  });
});

test('a guarantee that there is not is told where ids are known', async () => {
  await generate(directory, answersAt('stall'));
  change('stage.yaml', 'notPromised: []', 'notPromised: [{ guarantee: stall.anwsers, because: x }]');
  await expect(openProject(directory, directory)).resolves.toBeDefined();
  await expect(openProject(directory, directory, async () => ['stall.answers'])).rejects.toThrow(
    /no guarantee "stall\.anwsers"/,
  );
});

describe('a project of a version that knew no stage file', () => {
  const SINCE = ['stage.yaml', '.stage/stage.schema.json'];

  beforeEach(async () => {
    await generate(directory, answersAt('database'));
    for (const path of SINCE) rmSync(file(path));
    const { files, ...manifest } = JSON.parse(text('.stage/manifest.json'));
    delete files['stage.yaml'];
    writeFileSync(file('.stage/manifest.json'), JSON.stringify({ ...manifest, files }));
    expect((await readManifest(directory)).files).not.toHaveProperty('stage.yaml');
  });

  test('is opened with what its answers would give', async () => {
    const { stageFile, stageFileMissing, blueprint } = await openProject(directory, directory);
    expect(stageFileMissing).toBe(true);
    expect(stageFile.probes.read?.get).toBe('/products?limit=1');
    expect(blueprint.nodes).toContainEqual(expect.objectContaining({ healthPath: '/readyz' }));
  });

  test.each(['database', 'pool'] as const)('gets one on the way to %s', async stage => {
    const { files } = await growTo(directory, answersAt(stage));
    expect(files).toContainEqual({ path: 'stage.yaml', status: 'added' });
    expect(SINCE.map(path => text(path)).every(Boolean)).toBe(true);
    expect(await openProject(directory, directory)).toMatchObject({ stageFileMissing: false });
  });
});
