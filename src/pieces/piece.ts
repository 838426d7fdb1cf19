/** What the tool knows of one kind of node. Everything that differs between kinds is read off this table. */
import type { BlueprintNode, DatabaseSpec, EnvEntry, SecretSpec } from '../blueprint/blueprint.ts';
import type { RunContext } from '../engines/native/context.ts';
import type { Copy } from '../engines/native/copy.ts';
import type { LogBook } from '../engines/run/log-book.ts';
import type { Answers } from '../journey/options.ts';
import type { JobSpec, ProgramSpec } from '../samples/sample.ts';
import type { Tool } from './tool.ts';

/** What nodes are made from. */
export interface Recipe {
  readonly answers: Answers;
  /** Name of the program that gets whatever no other program takes. */
  readonly main: string;
  readonly programs: readonly ProgramSpec[];
  readonly jobs: readonly JobSpec[];
  readonly databases: readonly DatabaseSpec[];
  /** The keys by which the programs know each other. */
  readonly keys: readonly SecretSpec[];
}

export interface Piece<N extends BlueprintNode> {
  readonly kind: N['kind'];
  /** The nodes of this kind that a project has: none before the stage that brings them. */
  nodes(recipe: Recipe): N[];
  /** The secrets that come with them. */
  secrets?(recipe: Recipe): readonly SecretSpec[];
  /** The nodes that a node opens connections to. */
  callees(node: N): string[];
  /** How diagrams show it; absent: not at all. */
  readonly picture?: Picture;
  /** Whether it goes on running once it has started. */
  readonly keepsRunning: boolean;
  /** Nodes of a lower rank stop first. */
  readonly stopRank: StopRank;
  /** The program of this machine that it is, natively; absent where Node alone runs it. */
  readonly server?: Tool;
  /** What else this machine needs to run it natively. */
  readonly helpers?: readonly Tool[];
  /** Where the project keeps its configuration, if it has one. */
  readonly config?: ConfigFile;
  /** Loads what runs it as a process of this machine. */
  native(): Promise<NativePart<N>>;
}

/** Whoever asks stops before whoever answers: proxies, then programs, then servers. */
export type StopRank = 0 | 1 | 2;

export interface NativePart<N extends BlueprintNode> {
  makeCopy(context: RunContext, node: N, copy: number, log: LogBook): Copy;
}

export interface ConfigFile {
  /** Relative to the project. */
  readonly path: string;
  /** How another port of the front door gets into it; absent where it names none. */
  readonly publicPort?: PublicPort;
}

export interface PublicPort {
  /** Where the container has the file. */
  readonly mountedAt: string;
  replace(text: string, port: number): string;
}

export interface Picture {
  /** Counted from the left, where the browser is column 0. */
  readonly column: number;
  /** A store holds what outlives a program. It is drawn once for each program that keeps something in it. */
  readonly shape: 'card' | 'store';
  /** What the picture calls it instead of its name. */
  readonly label?: string;
}

/** Names of the secrets that an environment leads to. */
export function secretsIn(env: readonly EnvEntry[]): string[] {
  return env.flatMap(entry => ('secretFile' in entry ? [entry.secretFile] : []));
}

/** The nodes that an environment leads to. */
export function peersIn(env: readonly EnvEntry[]): string[] {
  const named = env.flatMap(entry => {
    if ('hostOf' in entry) return [entry.hostOf];
    return 'urlOf' in entry ? [entry.urlOf] : [];
  });
  return [...new Set(named)];
}
