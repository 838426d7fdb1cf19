/** Gets a project ready to be started: installed by its owner, built by us where that is due. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Blueprint, nodesOfKind } from '../../blueprint/blueprint.ts';
import { Failure } from '../../failures.ts';
import { UsageError } from '../../journey/errors.ts';
import { runProcess } from '../../run-process.ts';
import type { Project } from '../engine.ts';

const BUILD_TIMEOUT_MS = 180_000;
const SOURCE_FOLDERS = ['src', 'services', 'packages'];
const SOURCE = /\.(ts|mts|sql|json)$/;

/**
 * Builds the project where its compiled programs are missing or older than their source.
 * @throws UsageError if its dependencies are not installed; Failure if it does not compile
 */
export async function prepareProject({ directory, blueprint, onProgress, signal }: Project): Promise<void> {
  if (!(await exists(join(directory, 'node_modules')))) {
    throw new UsageError(`${directory} has no node_modules`, `run npm install in ${directory}`);
  }
  if (await isBuilt(directory, blueprint)) return;
  onProgress('building the project (npm run build)');
  const { exitCode, lines } = await runProcess({
    command: 'npm',
    args: ['run', '--silent', 'build'],
    cwd: directory,
    timeoutMs: BUILD_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (exitCode === 0) return;
  const output = lines.slice(-20);
  const first = output.find(line => line.trim() !== '') ?? 'npm run build failed';
  throw new Failure('build', `the project does not build: ${first}`, {
    hint: `run npm run build in ${directory}`,
    logTail: output,
  });
}

async function isBuilt(directory: string, blueprint: Blueprint): Promise<boolean> {
  const entries = nodesOfKind(blueprint, 'program').map(program =>
    join(directory, program.folder, program.entry),
  );
  const built = await Promise.all(entries.map(modifiedAt));
  const oldest = Math.min(...built.map(time => time ?? 0));
  const newest = await Promise.all(SOURCE_FOLDERS.map(folder => newestSource(join(directory, folder))));
  return oldest > 0 && Math.max(...newest) <= oldest;
}

/** When the newest source file below a folder was changed; 0 if there is none. */
async function newestSource(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const times = await Promise.all(
    entries.map(async entry => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        return entry.name === 'node_modules' || entry.name === 'dist' ? 0 : await newestSource(path);
      }
      return SOURCE.test(entry.name) ? ((await modifiedAt(path)) ?? 0) : 0;
    }),
  );
  return Math.max(0, ...times);
}

async function modifiedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

async function exists(path: string): Promise<boolean> {
  return (await modifiedAt(path)) !== undefined;
}
