/** What is published, not what lies in the tree: packed, installed into an empty directory, and made to do the main job. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { STAGE_SCHEMA } from '../../src/stage-file/schema.ts';
import { ROOT } from '../support/tool.ts';

/** Bytes. About a third is what projects are generated from, a quarter what checks them, and a tenth what grows them. */
const LARGEST_TARBALL = 320_000;
const LONGEST_JOURNEY_MS = 6 * 60_000;
const SLOWEST_GENERATION_MS = 1_000;

let folder: string;
let tarball: string;
let installed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'create-backend-stage-test-'));
  // PostgreSQL runs as another user than root, and has to get through to its own folder.
  await chmod(folder, 0o755);
  const { stdout } = await execa(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: ROOT },
  );
  tarball = join(folder, (JSON.parse(stdout) as { filename: string }[])[0]?.filename ?? '');
  await execa('npm', ['install', '--no-audit', '--no-fund', '--offline', '--prefix', folder, tarball], {
    cwd: folder,
  });
  installed = join(folder, 'node_modules', 'create-backend-stage');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the tarball is small', async () => {
  const { size } = await stat(tarball);
  console.info(`tarball: ${Math.round(size / 1000)} kB`);
  expect(size).toBeLessThanOrEqual(LARGEST_TARBALL);
});

test('it ships what runs, and nothing else', async () => {
  expect((await readdir(installed)).sort()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json']);
});

test('it ships the schema of stage.yaml', async () => {
  const text = await readFile(join(installed, 'dist', 'schema', 'stage.json'), 'utf8');
  expect(JSON.parse(text)).toEqual(STAGE_SCHEMA);
});

test('it brings no package along', async () => {
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).not.toHaveProperty('optionalDependencies');
  expect(manifest).not.toHaveProperty('peerDependencies');
  const packages = (await readdir(join(folder, 'node_modules'))).filter(name => !name.startsWith('.'));
  expect(packages).toEqual(['create-backend-stage']);
});

test(
  'it does the main job: every stage generated, booted, and its guarantees kept',
  async () => {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary, { mode: 0o755 });
    const started = performance.now();
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [join(ROOT, 'scripts', 'demo.mjs'), '--tool', join(installed, 'bin', 'create-backend-stage.js')],
      { cwd: folder, reject: false, env: { TMPDIR: temporary } },
    );
    const elapsedMs = performance.now() - started;
    console.info(stdout);
    expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
    const rows = stdout.split('\n').map(line => line.trim().split(/ {2,}/));
    for (const stage of STAGE_NAMES) {
      const row = rows.find(([name]) => name === stage);
      expect(row, stage).toBeDefined();
      expect(Number(row?.[3]), `${stage}: generate ms`).toBeLessThan(SLOWEST_GENERATION_MS);
      const [kept, total] = row?.[5]?.split('/') ?? [];
      expect(kept, `${stage}: guarantees`).toBe(total);
    }
    expect(elapsedMs).toBeLessThan(LONGEST_JOURNEY_MS);
    expect(await readdir(temporary), 'left behind').toEqual([]);
  },
  2 * LONGEST_JOURNEY_MS,
);
