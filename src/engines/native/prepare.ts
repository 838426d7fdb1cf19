/** Gets a project ready to be started: installed by its owner, and built by us, always and from nothing. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Blueprint, nodesOfKind } from '../../blueprint/blueprint.ts';
import { Failure } from '../../failures.ts';
import { UsageError } from '../../journey/errors.ts';
import { runProcess } from '../../run-process.ts';
import type { Project } from '../engine.ts';
import { removeBuildOutput } from './build-output.ts';

const BUILD_TIMEOUT_MS = 180_000;
const TAIL = 20;
const BUILD = 'npm run build';

/**
 * Builds the project. Whether what is there is as new as its source cannot be told: not by times (a file deleted, or restored
 * with its old time), and not by a compiler that writes in spite of errors.
 * @throws UsageError if its dependencies are not installed; Failure if it does not compile
 */
export async function prepareProject({ directory, blueprint, onProgress, signal }: Project): Promise<void> {
  if (!(await exists(join(directory, 'node_modules')))) {
    throw new UsageError(`${directory} has no node_modules`, `run npm install in ${directory}`);
  }
  onProgress(`building the project (${BUILD})`);
  await removeBuildOutput(directory, blueprint);
  try {
    await build(directory, signal);
    await requireEntries(directory, blueprint);
  } catch (error) {
    await removeBuildOutput(directory, blueprint);
    throw error;
  }
}

async function build(directory: string, signal: AbortSignal | undefined): Promise<void> {
  const [command = '', ...args] = BUILD.split(' ');
  const { exitCode, lines } = await runProcess({
    command,
    args: [...args, '--silent'],
    cwd: directory,
    timeoutMs: BUILD_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (exitCode === 0) return;
  const output = lines.slice(-TAIL);
  const first = output.find(line => line.trim() !== '') ?? `${BUILD} failed`;
  throw new Failure('build', `the project does not build: ${first}`, {
    hint: `run ${BUILD} in ${directory}`,
    logTail: output,
  });
}

/** A build that succeeds without making what is started would be told as a program that ends early. */
async function requireEntries(directory: string, blueprint: Blueprint): Promise<void> {
  for (const { folder, entry } of nodesOfKind(blueprint, 'program')) {
    const path = join(folder, entry);
    if (await exists(join(directory, path))) continue;
    throw new Failure('build', `the project does not build: ${BUILD} made no ${path}`, {
      hint: `run ${BUILD} in ${directory}, and see where it writes to`,
    });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
