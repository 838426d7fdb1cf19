/** Gets a project ready to be started: installed by its owner, and built by us, always and from nothing. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Blueprint, nodesOfKind } from '../../blueprint/blueprint.ts';
import { Failure, LOG_TAIL, UsageError } from '../../errors.ts';
import { runProcess } from '../../processes/run.ts';
import type { Project } from '../engine.ts';
import { removeBuildOutput } from './build-output.ts';
import { startedFile } from './started-file.ts';

const BUILD_TIMEOUT_MS = 180_000;

/**
 * Builds the project. Whether what is there is as new as its source cannot be told: not by times (a file deleted, or restored
 * with its old time), and not by a compiler that writes in spite of errors.
 * @throws UsageError if its dependencies are not installed; Failure if it does not compile
 */
export async function prepareProject({ directory, blueprint, onProgress, signal }: Project): Promise<void> {
  if (!(await exists(join(directory, 'node_modules')))) {
    throw new UsageError(`${directory} has no node_modules`, `run npm install in ${directory}`);
  }
  const commands = buildCommands(blueprint);
  if (commands.length === 0) return;
  await removeBuildOutput(directory, blueprint);
  try {
    for (const command of commands) {
      onProgress(`building the project (${command.join(' ')})`);
      await build(directory, command, signal);
    }
    await requireStarted(directory, blueprint);
  } catch (error) {
    await removeBuildOutput(directory, blueprint);
    throw error;
  }
}

/** Each once: programs of one project are mostly built together. */
function buildCommands(blueprint: Blueprint): (readonly string[])[] {
  const commands = nodesOfKind(blueprint, 'program').map(program => program.build);
  const known = new Map(commands.map(command => [JSON.stringify(command), command]));
  return [...known.values()].filter(command => command.length > 0);
}

async function build(
  directory: string,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const [command = '', ...args] = words;
  const text = words.join(' ');
  const { exitCode, lines } = await runProcess({
    command,
    // What npm itself says of a script that fails hides what the script said.
    args: command === 'npm' ? [...args, '--silent'] : args,
    cwd: directory,
    timeoutMs: BUILD_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (exitCode === 0) return;
  const output = lines.slice(-LOG_TAIL);
  const first = output.find(line => line.trim() !== '') ?? `${text} failed`;
  throw new Failure('build', `the project does not build: ${first}`, {
    hint: `run ${text} in ${directory}`,
    logTail: output,
  });
}

/** A build that succeeds without making what is started would be told as a program that ends early. */
async function requireStarted(directory: string, blueprint: Blueprint): Promise<void> {
  for (const program of nodesOfKind(blueprint, 'program')) {
    const { folder, build: command } = program;
    const file = startedFile(program);
    if (file === undefined || command.length === 0) continue;
    const path = join(folder, file);
    if (await exists(join(directory, path))) continue;
    throw new Failure('build', `the project does not build: ${command.join(' ')} made no ${path}`, {
      hint: `run ${command.join(' ')} in ${directory}, and see where it writes to`,
    });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
