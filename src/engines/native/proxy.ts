/** What both proxies have in common: they run from the project's own configuration, with this run's addresses in it. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { copyCount, type HaproxyNode, type NginxNode, nodeNamed } from '../../blueprint/blueprint.ts';
import { EngineError, LOG_TAIL } from '../../errors.ts';
import type { FixedServer, ProxyTarget } from '../../plan/target.ts';
import type { Launch } from '../run/launch.ts';
import { LOOPBACK } from '../run/ports.ts';
import { portsOf, type RunContext } from './context.ts';
import { adaptProxyConfig } from './proxy-config.ts';

type ProxyNode = HaproxyNode | NginxNode;

/** SIGTERM makes both drop what they are doing: nothing is under way any more when a run is taken down. */
export const STOP_STEPS = [{ signal: 'SIGTERM', waitMs: 2_000 }] as const;

/** Where this machine has the proxy. @throws EngineError where it has none */
export function commandOf({ tools }: RunContext, { kind }: ProxyNode): string {
  const command = tools[kind];
  if (!command) throw new EngineError(`this machine has no ${kind}`, { lacks: 'machine' });
  return command;
}

/** Where this run has the copies of a node. */
export function serversOf(context: RunContext, name: string): FixedServer[] {
  const node = nodeNamed(context.blueprint, name);
  return Array.from({ length: copyCount(node) }, (_, copy) => ({
    name: `${name}${copy + 1}`,
    host: LOOPBACK,
    port: portsOf(context, name, copy).main,
  }));
}

export interface WrittenConfig {
  /** In the run directory. */
  readonly path: string;
  /** Whose text it is, relative to the project. */
  readonly file: string;
}

/** Takes the project's file, puts this run's addresses into it, and writes it into `folder`. @throws EngineError */
export async function writeConfig(
  context: RunContext,
  node: ProxyNode,
  target: ProxyTarget,
  folder: string,
): Promise<WrittenConfig> {
  const { file, generated, wanted } = await context.configOf(node, target);
  const owned = await readFile(join(context.directory, file), 'utf8').catch(error => {
    throw new EngineError(`${file} cannot be read`, {
      hint: 'it is part of this stage: take it back with git',
      cause: error,
    });
  });
  const path = join(folder, basename(file));
  await writeFile(path, adaptProxyConfig({ file, owned, generated, wanted }), { mode: 0o600 });
  return { path, file };
}

/** Has the server read its configuration. @throws EngineError with what it says against it */
export async function checkConfig(
  context: RunContext,
  launch: Launch,
  { path, file }: WrittenConfig,
): Promise<void> {
  const { code, lines } = await context.complete(launch);
  if (code === 0) return;
  const said = lines.find(line => /\[(emerg|ALERT)\]/.test(line)) ?? lines[0] ?? `exit code ${code}`;
  throw new EngineError(`${file} is refused: ${said.trim().replaceAll(path, file)}`, {
    logTail: lines.slice(-LOG_TAIL),
  });
}
