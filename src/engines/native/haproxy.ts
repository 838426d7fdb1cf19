/** HAProxy, run from the project's own configuration. */
import type { HaproxyNode } from '../../blueprint/blueprint.ts';
import { composeTarget, type ProxyTarget, proxyFeatures } from '../../plan/target.ts';
import { versionOf } from '../../processes/executables.ts';
import { inheritedEnvironment } from '../run/environment.ts';
import type { Launch } from '../run/launch.ts';
import type { LogBook } from '../run/log-book.ts';
import { LOOPBACK } from '../run/ports.ts';
import { accepts } from '../run/wait.ts';
import { portsOf, type RunContext } from './context.ts';
import { type Copy, type Part, ProcessCopy } from './copy.ts';
import { checkConfig, commandOf, STOP_STEPS, serversOf, writeConfig } from './proxy.ts';

export function makeCopy(context: RunContext, node: HaproxyNode, _copy: number, log: LogBook): Copy {
  return new ProcessCopy(context, haproxyPart(context, node), log);
}

function haproxyPart(context: RunContext, node: HaproxyNode): Part {
  const { main } = portsOf(context, node.name);
  return {
    label: node.name,
    stopSteps: STOP_STEPS,
    crashSteps: [],
    healthy: () => accepts(main),
    async prepare() {
      const command = commandOf(context, node);
      const folder = await context.runDirectory.folderFor(node.name);
      const target: ProxyTarget = {
        ...composeTarget(context.blueprint),
        kind: 'native',
        listen: `${LOOPBACK}:${main}`,
        servers: { [node.balances]: serversOf(context, node.balances) },
        runDir: folder,
        features: proxyFeatures('0.0.0', await versionOf(command, '-v')),
      };
      const config = await writeConfig(context, node, target, folder);
      const launch = (...args: string[]): Launch => ({
        command,
        args: [...args, '-f', config.path],
        cwd: folder,
        env: inheritedEnvironment(),
        kind: 'other',
      });
      await checkConfig(context, launch('-c'), config);
      return launch('-db');
    },
  };
}
