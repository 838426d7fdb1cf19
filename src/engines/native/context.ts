/** What the parts of a run share. */
import type { Blueprint, BlueprintNode, NodeKind } from '../../blueprint/blueprint.ts';
import { resolveEnv } from '../../blueprint/blueprint.ts';
import type { ProxyTarget } from '../../plan/target.ts';
import type { UpOptions } from '../engine.ts';
import type { Child } from '../run/child.ts';
import { inheritedEnvironment } from '../run/environment.ts';
import type { ExitCode, Launch } from '../run/launch.ts';
import { LOOPBACK } from '../run/ports.ts';
import type { RunDirectory } from '../run/run-directory.ts';

/** The ports of one copy. Only nginx has a second one, for plain HTTP. */
export interface CopyPorts {
  readonly main: number;
  readonly redirect: number | undefined;
}

/** Where this machine keeps the server that a kind of node is: a program, or the folder of its programs. */
export type Tools = { readonly [K in NodeKind]?: string | undefined };

/** A proxy's configuration as the project has it generated, and as this run wants it. */
export interface ConfigTexts {
  /** Relative to the project. */
  readonly file: string;
  readonly generated: string;
  readonly wanted: string;
}

export interface RunContext {
  readonly directory: string;
  readonly blueprint: Blueprint;
  readonly runDirectory: RunDirectory;
  readonly tools: Tools;
  readonly ports: ReadonlyMap<string, readonly CopyPorts[]>;
  readonly extraEnv: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly lasting: UpOptions['lasting'];
  /** Settles when the run is being taken down. */
  readonly closing: Promise<void>;
  /** Starts a process that the run takes down. @throws EngineError when the run is already being taken down. */
  launch(launch: Launch, onLine: (line: string) => void): Child;
  /** Runs a program to its end and keeps what it prints. */
  complete(launch: Launch): Promise<{ code: ExitCode; lines: readonly string[] }>;
  /** @param target where this run has what the configuration names */
  configOf(node: BlueprintNode, target: ProxyTarget): Promise<ConfigTexts>;
}

/** The ports of one copy. @throws Error for a node that has none: a fault in the generator. */
export function portsOf(context: RunContext, node: string, copy = 0): CopyPorts {
  const ports = context.ports.get(node)?.[copy];
  if (!ports) throw new Error(`${node} has no copy ${copy} with a port`);
  return ports;
}

/** The environment of one of the project's own programs. */
export function programEnvironment(context: RunContext, node: BlueprintNode): Record<string, string> {
  const resolved = resolveEnv(node, {
    host: () => LOOPBACK,
    port: name => portsOf(context, name).main,
    secretFile: name => context.runDirectory.secretFile(name),
  });
  const { temporary } = context.runDirectory;
  return {
    ...inheritedEnvironment(),
    TMPDIR: temporary,
    TMP: temporary,
    TEMP: temporary,
    ...resolved,
    ...context.extraEnv[node.name],
  };
}
