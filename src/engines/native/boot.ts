/** The start of a run: secrets, ports, then every node as soon as what it needs is there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlueprintNode } from '../../blueprint/blueprint.ts';
import { EngineError, LOG_TAIL } from '../../errors.ts';
import type { UpOptions } from '../engine.ts';
import { type CopyPorts, portsOf, type RunContext, type Tools } from './context.ts';
import type { Copy } from './copy.ts';
import { embeddedPostgres } from './embedded-postgres.ts';
import { inheritedEnvironment } from './environment.ts';
import { waitForFrontDoor } from './health.ts';
import type { Lifecycle } from './lifecycle.ts';
import { LogBook } from './log-book.ts';
import { copyCount, makeCopy } from './parts.ts';
import { requireFreePort } from './ports.ts';

export interface Booted {
  readonly context: RunContext;
  readonly copies: ReadonlyMap<string, readonly Copy[]>;
  /** What the front door shows over TLS (PEM). */
  readonly certificate: string | undefined;
}

/** @throws EngineError; whoever owns the lifecycle takes down what had been started. */
export async function boot(lifecycle: Lifecycle, options: UpOptions, tools: Tools): Promise<Booted> {
  const [postgres, ports] = await Promise.all([
    findPostgres(lifecycle, options, tools),
    choosePorts(lifecycle, options),
    makeSecrets(lifecycle, options),
  ]);
  const context: RunContext = {
    directory: options.directory,
    blueprint: options.blueprint,
    runDirectory: lifecycle.runDirectory,
    tools: { ...tools, postgres },
    ports,
    extraEnv: options.extraEnv ?? {},
    lasting: options.lasting,
    closing: lifecycle.closing,
    launch: (launch, onLine) => lifecycle.launch(launch, onLine),
    complete: launch => lifecycle.complete(launch),
  };
  const copies = makeCopies(context, lifecycle, options);
  options.onBuilt?.();
  await startInOrder(options, copies);
  const { node } = options.blueprint.frontDoor;
  const door = portsOf(context, node).main;
  await waitForFrontDoor(
    options.blueprint,
    door,
    lifecycle.closing,
    () => copies.get(node)?.[0]?.log.tail() ?? [],
  );
  return { context, copies, certificate: await certificateOf(context) };
}

async function findPostgres(
  lifecycle: Lifecycle,
  options: UpOptions,
  tools: Tools,
): Promise<string | undefined> {
  const isNeeded = options.blueprint.nodes.some(({ kind }) => kind === 'postgres');
  if (tools.postgres || !isNeeded) return tools.postgres;
  const stop = new AbortController();
  void lifecycle.closing.then(() => stop.abort());
  return embeddedPostgres({
    onProgress: options.onProgress,
    signal: stop.signal,
    onTemporaryFolder: path => lifecycle.watchFolder(path),
  });
}

/**
 * By the project's own script. Into the run directory, so that a fresh clone has secrets and an owner's own stay unread; or, for a
 * run that lasts, into the project, where it makes only what is missing.
 */
export async function makeSecrets(
  lifecycle: Lifecycle,
  { directory, lasting }: Pick<UpOptions, 'directory' | 'lasting'>,
): Promise<void> {
  const { code, lines } = await lifecycle.complete({
    command: process.execPath,
    args: [
      join('scripts', 'setup.mjs'),
      ...(lasting ? [] : ['--secrets-dir', lifecycle.runDirectory.secrets]),
    ],
    cwd: directory,
    env: inheritedEnvironment(),
    kind: 'other',
  });
  if (code === 0) return;
  throw new EngineError(
    `scripts/setup.mjs could not make the secrets of this ${lasting ? 'project' : 'run'}`,
    {
      logTail: lines.slice(-LOG_TAIL),
    },
  );
}

async function choosePorts(
  lifecycle: Lifecycle,
  options: UpOptions,
): Promise<Map<string, readonly CopyPorts[]>> {
  const all = new Map<string, readonly CopyPorts[]>();
  for (const node of options.blueprint.nodes) {
    if (node.kind === 'job') continue;
    const fixed = node.name === options.blueprint.frontDoor.node ? options.frontDoor : undefined;
    const ports: CopyPorts[] = [];
    for (let copy = 0; copy < copyCount(node); copy++) {
      const main = await portFor(lifecycle, fixed?.port);
      ports.push({
        main,
        redirect: node.kind === 'nginx' ? await portFor(lifecycle, fixed?.redirectPort) : undefined,
      });
    }
    all.set(node.name, ports);
  }
  return all;
}

export async function portFor(lifecycle: Lifecycle, wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return lifecycle.port();
  await requireFreePort(wanted);
  return wanted;
}

function makeCopies(context: RunContext, lifecycle: Lifecycle, options: UpOptions): Map<string, Copy[]> {
  const make = (node: BlueprintNode, index: number): Copy => {
    const file = copyCount(node) > 1 ? `${node.name}-${index}.log` : `${node.name}.log`;
    const log = new LogBook(join(lifecycle.runDirectory.logs, file), line =>
      options.onLog?.(node.name, index, line),
    );
    const copy = makeCopy(context, node, index, log);
    lifecycle.adopt(node.kind, copy);
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
  onProgress(`${name}: ${node.kind === 'job' ? 'done' : 'up'} after ${seconds} s`);
}

export async function certificateOf({
  blueprint,
  runDirectory,
}: Pick<RunContext, 'blueprint' | 'runDirectory'>): Promise<string | undefined> {
  if (blueprint.frontDoor.scheme === 'http') return undefined;
  return readFile(runDirectory.secretFile('tls_crt'), 'utf8');
}
