/** `create-backend-stage up [directory]`: runs a project in the foreground, its logs interleaved, until Ctrl-C. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { nodesOfKind } from '../blueprint/blueprint.ts';
import type { PartEnd, Running, UpOptions } from '../engines/engine.ts';
import { requireFreePort } from '../engines/run/ports.ts';
import { requireEngineName, selectEngine } from '../engines/select.ts';
import { Cancelled, Failure } from '../errors.ts';
import { openProject } from '../project/generated.ts';
import type { StageFile } from '../stage-file/stage-file.ts';
import type { Paint, Terminal } from '../ui/terminal.ts';
import type { CommandResult } from './outcome.ts';
import type { UpFlags } from './program.ts';
import type { CommandContext } from './run.ts';
import { linesOfUp, urlOf } from './up-lines.ts';

/** @throws Cancelled on Ctrl-C, Failure when a part of the project dies; everything has ended then */
export async function up(
  typed: string | undefined,
  options: UpFlags,
  context: CommandContext,
): Promise<CommandResult> {
  const { terminal, signal } = context;
  requireEngineName(options.engine);
  const { directory, blueprint, stageFile } = await openProject(typed, context.cwd);
  const engine = await selectEngine(options.engine, blueprint, directory);
  const availability = await engine.available(blueprint, directory);
  if (!availability.available) {
    const reason = availability.reason ?? `the ${engine.name} engine is not available`;
    throw new Failure('engine', reason, availability.hint === undefined ? {} : { hint: availability.hint });
  }
  const { publishedPort, redirectPort } = blueprint.frontDoor;
  // Before anything is built: that would be waited for in vain.
  for (const port of redirectPort === undefined ? [publishedPort] : [publishedPort, redirectPort])
    await requireFreePort(port);
  const onProgress = (line: string) => terminal.note(terminal.paint.dim(line));
  await engine.prepare?.({ directory, blueprint, onProgress, signal });
  const running = await engine.up({
    directory,
    blueprint,
    signal,
    onProgress,
    onLog: options.json ? logAsJson(terminal) : logPrinter(blueprint, terminal),
    frontDoor: { port: publishedPort, ...(redirectPort === undefined ? {} : { redirectPort }) },
    extraEnv: talkative(blueprint),
    lasting: { fresh: options.fresh === true },
  });
  // Waiting for nothing but a signal does not keep Node alive by itself.
  const alive = setInterval(() => undefined, 60_000);
  try {
    tellUp(running, stageFile, options, terminal);
    const end = await Promise.race([aborted(signal), running.firstEnd()]);
    if (end && !signal.aborted) throw diedOf(end, blueprint);
  } finally {
    clearInterval(alive);
    await running.down();
  }
  throw new Cancelled('everything has stopped');
}

function tellUp(running: Running, stageFile: StageFile, { json }: UpFlags, terminal: Terminal): void {
  const door = { ...running.frontDoor, basePath: running.blueprint.frontDoor.basePath };
  if (json) terminal.result(JSON.stringify({ event: 'up', url: urlOf(door), engine: running.engine }));
  const [first = '', ...more] = linesOfUp(door, stageFile);
  terminal.note(`${terminal.paint.green('✓')} ${terminal.paint.bold(first)}`);
  for (const line of more) terminal.note(`  ${line}`);
  const hasData = nodesOfKind(running.blueprint, 'postgres').length > 0;
  if (running.engine === 'docker' && hasData)
    terminal.note('  the data of this run goes with it; `docker compose up` keeps its own');
}

function diedOf({ node, copy, exitCode, logTail }: PartEnd, blueprint: Blueprint): Failure {
  const how = exitCode === null ? 'was ended by a signal' : `ended with exit code ${exitCode}`;
  return new Failure('part-died', `${nameOfCopy(blueprint, node, copy)} ${how}, so everything was stopped`, {
    body: { node, copy, exitCode },
    logTail,
  });
}

/** Where the program is all that there is, its log is how a request is seen to arrive. Later stages have proxies, and load. */
function talkative(blueprint: Blueprint): NonNullable<UpOptions['extraEnv']> {
  if (blueprint.stage !== 'stall') return {};
  return Object.fromEntries(
    nodesOfKind(blueprint, 'program').map(({ name }) => [name, { LOG_LEVEL: 'debug' }]),
  );
}

/** One line of JSON for each line of log. */
function logAsJson(terminal: Pick<Terminal, 'result'>): NonNullable<UpOptions['onLog']> {
  return (node, copy, line) => terminal.result(JSON.stringify({ event: 'log', node, copy, line }));
}

/** A node's name, with the copy's number where it has several. */
function nameOfCopy(blueprint: Blueprint, node: string, copy: number): string {
  const several = nodesOfKind(blueprint, 'program').some(
    ({ name, replicas }) => name === node && replicas > 1,
  );
  return several ? `${node} ${copy + 1}` : node;
}

/** Prints each line behind its node's name, in a column, each copy in a colour of its own. */
export function logPrinter(
  blueprint: Blueprint,
  terminal: Pick<Terminal, 'result' | 'paintResult'>,
): (node: string, copy: number, line: string) => void {
  const labels = new Map<string, { readonly label: string; readonly paint: Paint }>();
  const longest = Math.max(...blueprint.nodes.map(node => node.name.length)) + ' 1'.length;
  return (node, copy, line) => {
    const name = nameOfCopy(blueprint, node, copy);
    const known = labels.get(name) ?? {
      label: name.padEnd(longest),
      paint: terminal.paintResult.nth(labels.size),
    };
    labels.set(name, known);
    terminal.result(`${known.paint(`${known.label} │`)} ${line}`);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
