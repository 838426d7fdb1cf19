/** A program of the project, run by Node. */
import { join } from 'node:path';
import type { JobNode, ProgramNode } from '../../blueprint/blueprint.ts';
import type { Launch } from '../run/launch.ts';
import type { LogBook } from '../run/log-book.ts';
import { LOOPBACK } from '../run/ports.ts';
import { getStatus } from '../run/wait.ts';
import { portsOf, programEnvironment, type RunContext } from './context.ts';
import { type Copy, type Part, ProcessCopy } from './copy.ts';

export function makeCopy(context: RunContext, node: ProgramNode, copy: number, log: LogBook): Copy {
  return new ProcessCopy(context, programPart(context, node, copy), log);
}

function programPart(context: RunContext, node: ProgramNode, copy: number): Part {
  const { main } = portsOf(context, node.name, copy);
  return {
    label: node.replicas > 1 ? `copy ${copy} of ${node.name}` : node.name,
    // The first signal asks a program to drain, which is of no use to anyone here; the second one cuts that short.
    stopSteps: [
      { signal: 'SIGTERM', waitMs: 200 },
      { signal: 'SIGTERM', waitMs: 2_800 },
    ],
    crashSteps: [],
    prepare: async () => programLaunch(context, node, node.start, { HOST: LOOPBACK, PORT: String(main) }),
    healthy: async () => (await getStatus('http', main, node.healthPath)) === 200,
  };
}

/** How a program of the project is started. @param words command and arguments, run in the node's folder */
export function programLaunch(
  context: RunContext,
  node: ProgramNode | JobNode,
  [command = '', ...args]: readonly string[],
  listen: Readonly<Record<string, string>> = {},
): Launch {
  return {
    // The Node that runs this tool, whatever else is on the PATH: the project's dependencies were installed with it.
    command: command === 'node' ? process.execPath : command,
    args,
    cwd: join(context.directory, node.folder),
    env: { ...programEnvironment(context, node), ...listen },
    kind: 'other',
  };
}
