/**
 * Projects as a user would have them: planned, written, with secrets and dependencies. Dependencies are installed once for each set of
 * package.json files and hard-linked from then on: what npm does is not what these tests are about.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { resolveAnswers } from '../../src/journey/answers.ts';
import type { Answers } from '../../src/journey/options.ts';
import type { StageName } from '../../src/journey/stages.ts';
import { type Plan, planProject } from '../../src/plan/plan.ts';
import { recordsOf } from '../../src/project/manifest.ts';
import { VERSION } from '../../src/version.ts';

const CACHE = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  'node_modules',
  '.cache',
  'generated-projects',
);

/** The default answers of a stage. */
export function defaultAnswers(stage: StageName): Answers {
  return resolveAnswers({ stage }, 'my-shop');
}

/** A new temporary directory with the project in it, secrets made, nothing installed. The caller removes it. */
export async function writeProject(answers: Answers): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'create-backend-stage-test-'));
  // As any project folder: PostgreSQL, which root may not run, has to get at its programs in node_modules.
  await chmod(directory, 0o755);
  const plan = await planProject(answers);
  await writeFiles([...plan.files, ...recordsOf(plan, answers, VERSION)], directory);
  await execa(process.execPath, ['scripts/setup.mjs'], { cwd: directory });
  return directory;
}

type RecordFiles = readonly Pick<Plan['files'][number], 'path' | 'bytes' | 'mode'>[];

async function writeFiles(files: RecordFiles, directory: string): Promise<void> {
  for (const { path, bytes, mode } of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes, { mode });
  }
}

/** Puts node_modules into a project, from the cache where it has them. */
export async function installDependencies(directory: string, plan: Plan): Promise<void> {
  const cached = await cacheFor(plan);
  await execa('cp', [
    '-a',
    ...(process.platform === 'linux' ? ['-l'] : []),
    join(cached, 'node_modules'),
    directory,
  ]);
}

/** Puts package-lock.json into a project, from the same cache: all that building its images takes. */
export async function lockDependencies(directory: string, plan: Plan): Promise<void> {
  await copyFile(join(await cacheFor(plan), 'package-lock.json'), join(directory, 'package-lock.json'));
}

/** Both, into a project whose name no other has: by a usual name they are in the cache, and `npm install` puts its own into the lock. */
export async function installAsOften(directory: string, answers: Answers): Promise<void> {
  const plan = await planProject({ ...answers, name: 'my-shop' });
  await installDependencies(directory, plan);
  await lockDependencies(directory, plan);
}

async function cacheFor(plan: Plan): Promise<string> {
  const cached = join(CACHE, manifestsHash(plan));
  if (!existsSync(cached)) await fillCache(plan, cached);
  return cached;
}

function manifestsHash(plan: Plan): string {
  const hash = createHash('sha256');
  for (const file of packageFiles(plan)) hash.update(file.path).update(file.bytes);
  return hash.digest('hex').slice(0, 16);
}

function packageFiles(plan: Plan) {
  return plan.files.filter(file => file.path.endsWith('package.json'));
}

async function fillCache(plan: Plan, cached: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(join(CACHE, 'fresh-'));
  try {
    await writeFiles(packageFiles(plan), fresh);
    await execa('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: fresh });
    // Another test may have filled the same place meanwhile: then its copy serves.
    await rename(fresh, cached).catch(() => undefined);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** A project as it is after `create`, but for the build. The caller removes it. */
export async function installedProject(answers: Answers): Promise<string> {
  const directory = await writeProject(answers);
  await installDependencies(directory, await planProject(answers));
  return directory;
}
