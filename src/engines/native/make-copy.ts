/** A blueprint's node → its copies, ready to be started. */
import { join } from 'node:path';
import type { BlueprintNode, JobNode, ProgramNode } from '../../blueprint/blueprint.ts';
import type { Launch } from '../run/launch.ts';
import type { LogBook } from '../run/log-book.ts';
import { LOOPBACK } from '../run/ports.ts';
import { getStatus } from '../run/wait.ts';
import { portsOf, programEnvironment, type RunContext } from './context.ts';
import { type Copy, JobCopy, type Part, ProcessCopy } from './copy.ts';
import { MailCopy } from './mail.ts';
import { postgresPart } from './postgres.ts';
import { haproxyPart, nginxPart } from './proxies.ts';

export function makeCopy(context: RunContext, node: BlueprintNode, copy: number, log: LogBook): Copy {
  switch (node.kind) {
    case 'mail':
      return new MailCopy(context.directory, portsOf(context, node.name).main, log);
    case 'job':
      return new JobCopy(context, node.name, () => programLaunch(context, node, startOf(node), {}), log);
    case 'program':
      return new ProcessCopy(context, programPart(context, node, copy), log);
    case 'postgres':
      return new ProcessCopy(context, postgresPart(context, node), log);
    case 'haproxy':
      return new ProcessCopy(context, haproxyPart(context, node), log);
    case 'nginx':
      return new ProcessCopy(
        context,
        nginxPart(context, node, line => log.add(line)),
        log,
      );
  }
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

function startOf({ entry }: JobNode): readonly string[] {
  return ['node', '--enable-source-maps', entry];
}

function programLaunch(
  context: RunContext,
  node: ProgramNode | JobNode,
  [command = '', ...args]: readonly string[],
  listen: Record<string, string>,
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
