/** `create-backend-stage up [directory]`: runs a project in the foreground, its logs interleaved, until Ctrl-C. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { requireEngineName, selectEngine } from '../engines/select.ts';
import { Cancelled, Failure } from '../failures.ts';
import { openProject } from '../project/generated.ts';
import type { Paint, Terminal } from '../ui/terminal.ts';
import type { CommandResult } from './outcome.ts';
import type { RunOptions } from './program.ts';
import type { CommandContext } from './run.ts';

/** @throws Cancelled on Ctrl-C, when everything has ended */
export async function up(
  typed: string | undefined,
  options: RunOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const { terminal, signal } = context;
  requireEngineName(options.engine);
  const { directory, blueprint } = await openProject(typed, context.cwd);
  const engine = await selectEngine(options.engine, blueprint, directory);
  const availability = await engine.available(blueprint, directory);
  if (!availability.available) {
    const reason = availability.reason ?? `the ${engine.name} engine is not available`;
    throw new Failure('engine', reason, availability.hint === undefined ? {} : { hint: availability.hint });
  }
  const onProgress = (line: string) => terminal.note(terminal.paint.dim(line));
  await engine.prepare?.({ directory, blueprint, onProgress, signal });
  const { publishedPort, redirectPort } = blueprint.frontDoor;
  const running = await engine.up({
    directory,
    blueprint,
    signal,
    onProgress,
    onLog: logPrinter(blueprint, terminal),
    frontDoor: { port: publishedPort, ...(redirectPort === undefined ? {} : { redirectPort }) },
  });
  try {
    const { scheme, host, port } = running.frontDoor;
    const url = `${scheme}://${host}:${port}${blueprint.frontDoor.basePath}/products`;
    terminal.note(`${terminal.paint.green('✓')} up: ${terminal.paint.bold(url)} (Ctrl-C stops everything)`);
    await aborted(signal);
  } finally {
    await running.down();
  }
  throw new Cancelled('everything has stopped');
}

/** Prints each line behind its node's name, in a column, each copy in a colour of its own. */
export function logPrinter(
  blueprint: Blueprint,
  terminal: Pick<Terminal, 'result' | 'paintResult'>,
): (node: string, copy: number, line: string) => void {
  const labels = new Map<string, { readonly label: string; readonly paint: Paint }>();
  const longest = Math.max(...blueprint.nodes.map(node => node.name.length)) + ' 1'.length;
  return (node, copy, line) => {
    const several = blueprint.nodes.some(
      each => each.name === node && each.kind === 'program' && each.replicas > 1,
    );
    const name = several ? `${node} ${copy + 1}` : node;
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
    if (signal.aborted) return resolve();
    // Waiting for nothing but a signal does not keep Node alive by itself.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(alive);
        resolve();
      },
      { once: true },
    );
  });
}
