/** The start of a run: secrets, ports, then every node as soon as what it needs is there. */
import { join } from 'node:path';
import { type Blueprint, type BlueprintNode, copyCount, type NodeKind } from '../../blueprint/blueprint.ts';
import { configPathOf, PIECES, pieceOf } from '../../pieces/index.ts';
import type { NativePart } from '../../pieces/piece.ts';
import { composeTarget, type ProxyTarget } from '../../plan/target.ts';
import type { UpOptions } from '../engine.ts';
import type { Lifecycle } from '../run/lifecycle.ts';
import { LogBook } from '../run/log-book.ts';
import { certificateOf, makeSecrets } from '../run/secrets.ts';
import { waitForFrontDoor } from '../run/wait.ts';
import { type ConfigTexts, type CopyPorts, portsOf, type RunContext, type Tools } from './context.ts';
import type { Copy } from './copy.ts';

export interface Booted {
  readonly context: RunContext;
  readonly copies: ReadonlyMap<string, readonly Copy[]>;
  /** What the front door shows over TLS (PEM). */
  readonly certificate: string | undefined;
}

/** @throws EngineError; whoever owns the lifecycle takes down what had been started. */
export async function boot(lifecycle: Lifecycle, options: UpOptions, tools: Tools): Promise<Booted> {
  const { blueprint } = options;
  const [fetched, ports, parts] = await Promise.all([
    fetchTools(lifecycle, options, tools),
    choosePorts(lifecycle, options),
    loadParts(blueprint),
    makeSecrets(lifecycle, options),
  ]);
  const context: RunContext = {
    directory: options.directory,
    blueprint,
    runDirectory: lifecycle.runDirectory,
    tools: { ...tools, ...fetched },
    ports,
    extraEnv: options.extraEnv ?? {},
    lasting: options.lasting,
    closing: lifecycle.closing,
    launch: (launch, onLine) => lifecycle.launch(launch, onLine),
    complete: launch => lifecycle.complete(launch),
    configOf: (node, target) => configTexts(blueprint, node, target),
  };
  const copies = makeCopies(context, parts, lifecycle, options);
  options.onBuilt?.();
  await startInOrder(options, copies);
  const { node } = blueprint.frontDoor;
  const door = portsOf(context, node).main;
  await waitForFrontDoor(blueprint, door, lifecycle.closing, () => copies.get(node)?.[0]?.log.tail() ?? []);
  return { context, copies, certificate: await certificateOf(blueprint, context.runDirectory) };
}

/** Fetches the servers that the blueprint needs, are not installed, and can be had that way. */
async function fetchTools(lifecycle: Lifecycle, options: UpOptions, tools: Tools): Promise<Tools> {
  const stop = new AbortController();
  void lifecycle.closing.then(() => stop.abort());
  const fetched = new Map<NodeKind, string>();
  for (const { kind } of options.blueprint.nodes) {
    const fetch = PIECES[kind].server?.fetched?.fetch;
    if (!fetch || tools[kind] || fetched.has(kind)) continue;
    const found = await fetch({
      onProgress: options.onProgress,
      signal: stop.signal,
      onTemporaryFolder: path => lifecycle.watchFolder(path),
    });
    fetched.set(kind, found);
  }
  return Object.fromEntries(fetched);
}

type Parts = ReadonlyMap<NodeKind, NativePart<BlueprintNode>>;

async function loadParts({ nodes }: Blueprint): Promise<Parts> {
  const loading = nodes.map(async node => [node.kind, await pieceOf(node).native()] as const);
  return new Map(await Promise.all(loading));
}

async function configTexts(
  blueprint: Blueprint,
  { kind }: BlueprintNode,
  target: ProxyTarget,
): Promise<ConfigTexts> {
  const { renderProxyConfig } = await import('../../plan/proxies.ts');
  const [generated, wanted] = await Promise.all([
    renderProxyConfig(blueprint, kind, composeTarget(blueprint)),
    renderProxyConfig(blueprint, kind, target),
  ]);
  return { file: configPathOf(kind), generated, wanted };
}

async function choosePorts(
  lifecycle: Lifecycle,
  options: UpOptions,
): Promise<Map<string, readonly CopyPorts[]>> {
  const all = new Map<string, readonly CopyPorts[]>();
  const { nodes, frontDoor } = options.blueprint;
  for (const node of nodes) {
    if (!pieceOf(node).keepsRunning) continue;
    const isDoor = node.name === frontDoor.node;
    const redirects = isDoor && frontDoor.redirectPort !== undefined;
    const fixed = isDoor ? options.frontDoor : undefined;
    const ports: CopyPorts[] = [];
    for (let copy = 0; copy < copyCount(node); copy++) {
      const main = await lifecycle.port(fixed?.port);
      ports.push({ main, redirect: redirects ? await lifecycle.port(fixed?.redirectPort) : undefined });
    }
    all.set(node.name, ports);
  }
  return all;
}

function makeCopies(
  context: RunContext,
  parts: Parts,
  lifecycle: Lifecycle,
  options: UpOptions,
): Map<string, Copy[]> {
  const make = (node: BlueprintNode, index: number): Copy => {
    const file = copyCount(node) > 1 ? `${node.name}-${index}.log` : `${node.name}.log`;
    const log = new LogBook(join(lifecycle.runDirectory.logs, file), line =>
      options.onLog?.(node.name, index, line),
    );
    const part = parts.get(node.kind);
    if (!part) throw new Error(`nothing runs a ${node.kind}`);
    const copy = part.makeCopy(context, node, index, log);
    lifecycle.adopt(pieceOf(node).stopRank, copy);
    return copy;
  };
  return new Map(
    context.blueprint.nodes.map(node => [
      node.name,
      Array.from({ length: copyCount(node) }, (_, index) => make(node, index)),
    ]),
  );
}

/** Nodes that do not need one another start side by side. After a failure nothing more is started. */
async function startInOrder(options: UpOptions, copies: ReadonlyMap<string, readonly Copy[]>): Promise<void> {
  const starts = new Map<string, Promise<void>>();
  let hasFailed = false;
  for (const node of options.blueprint.nodes) {
    const needed = Promise.all(node.needs.map(need => starts.get(need.node)));
    const start = needed.then(async () => {
      if (!hasFailed) await startNode(node, copies.get(node.name) ?? [], options.onProgress);
    });
    start.catch(() => {
      hasFailed = true;
    });
    starts.set(node.name, start);
  }
  await Promise.all(starts.values());
}

async function startNode(
  node: BlueprintNode,
  copies: readonly Copy[],
  onProgress: (line: string) => void,
): Promise<void> {
  const began = performance.now();
  await Promise.all(copies.map(copy => copy.start()));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const name = copies.length > 1 ? `${node.name} (${copies.length} copies)` : node.name;
  onProgress(`${name}: ${pieceOf(node).keepsRunning ? 'up' : 'done'} after ${seconds} s`);
}
