/** `create-backend-stage doctor`: what this machine has and lacks, for which stage, and the command that installs it. */
import { buildBlueprint } from '../blueprint/build.ts';
import type { Availability, EngineName } from '../engines/engine.ts';
import { installedTools } from '../engines/native/tools.ts';
import { loadEngine } from '../engines/select.ts';
import { resolveAnswers } from '../journey/answers.ts';
import { STAGE_NAMES, type StageName } from '../journey/stages.ts';
import { NODE_RANGE } from '../journey/versions.ts';
import { findExecutable, versionOf } from '../processes/executables.ts';
import { outputOf } from '../processes/run.ts';
import { detectPackageManager } from '../project/package-manager.ts';
import { table } from '../ui/table.ts';
import type { CommandResult } from './outcome.ts';
import type { CommandContext } from './run.ts';

interface Tool {
  readonly name: string;
  readonly purpose: string;
  readonly found: boolean;
  readonly version?: string;
  readonly path?: string;
  readonly note?: string;
}

interface Readiness {
  readonly stage: StageName;
  /** One engine is enough. */
  readonly ready: boolean;
  readonly engines: Readonly<Record<EngineName, Availability>>;
}

export async function doctor(
  _directory: unknown,
  _options: unknown,
  { env, terminal }: CommandContext,
): Promise<CommandResult> {
  const [tools, stages] = await Promise.all([listTools(env), readinessOfAll()]);
  const { green, red, yellow } = terminal.paintResult;
  const toolRows = tools.map(tool => [
    tool.found ? 'yes' : 'no',
    tool.name,
    tool.version ?? '',
    tool.path ?? tool.note ?? '',
    tool.purpose,
  ]);
  const stageRows = stages.map(({ stage, ready, engines }) => [
    ready ? 'yes' : 'no',
    stage,
    said(engines.native),
    said(engines.docker),
  ]);
  const install = { native: hintOf(stages, 'native'), docker: hintOf(stages, 'docker') };
  const allReady = stages.every(({ ready }) => ready);
  const text = [
    table(['here', 'program', 'version', 'where', 'for'], toolRows),
    '',
    table(['runs', 'stage', 'natively', 'on Docker'], stageRows),
    '',
    ...(allReady ? [green('Every stage can be run and verified here.')] : []),
    ...ENGINES.flatMap(({ name, words }) =>
      install[name] === undefined ? [] : [yellow(`To run every stage ${words}: ${install[name]}`)],
    ),
  ]
    .join('\n')
    .replace(/^no /gm, red('no '));
  return { ok: true, body: { ready: allReady, tools, stages, install }, text };
}

const ENGINES = [
  { name: 'native', words: 'natively' },
  { name: 'docker', words: 'on Docker' },
] as const;

function said({ available, reason }: Availability): string {
  return available ? 'yes' : (reason ?? 'no');
}

/** The longest command installs what the shorter ones do, and more. */
function hintOf(stages: readonly Readiness[], engine: EngineName): string | undefined {
  const hints = stages.flatMap(({ engines }) => engines[engine].hint ?? []);
  return hints.sort((a, b) => b.length - a.length)[0];
}

async function listTools(env: CommandContext['env']): Promise<Tool[]> {
  const { postgres, haproxy, nginx } = await installedTools();
  const manager = detectPackageManager(env);
  return Promise.all([
    {
      name: 'node',
      purpose: `all stages (${NODE_RANGE})`,
      found: true,
      version: process.versions.node,
      path: process.execPath,
    },
    program(manager, findExecutable(manager), 'all stages: installs dependencies'),
    program('git', findExecutable('git'), 'optional: a repository for the project'),
    postgresTool(postgres),
    program('haproxy', haproxy, 'balancer; nginx on with --balancer haproxy', '-v'),
    program('nginx', nginx, 'nginx on', '-v'),
    program('openssl', findExecutable('openssl'), 'nginx on: makes the certificate', 'version'),
    program('docker', findExecutable('docker'), 'all stages, in containers (with Compose v2)'),
  ]);
}

async function program(
  name: string,
  path: string | undefined,
  purpose: string,
  flag = '--version',
): Promise<Tool> {
  if (path === undefined) return { name, purpose, found: false };
  return { name, purpose, found: true, version: await reportedVersion(path, flag), path };
}

async function postgresTool(folder: string | undefined): Promise<Tool> {
  const purpose = 'database on';
  if (folder === undefined) {
    return { name: 'postgresql', purpose, found: false, note: 'fetched once, when first needed' };
  }
  return {
    name: 'postgresql',
    purpose,
    found: true,
    version: await versionOf(`${folder}/postgres`, '-V'),
    path: folder,
  };
}

async function readinessOfAll(): Promise<Readiness[]> {
  const [nativeEngine, dockerEngine] = await Promise.all([loadEngine('native'), loadEngine('docker')]);
  const blueprints = STAGE_NAMES.map(stage => buildBlueprint(resolveAnswers({ stage }, 'my-shop')));
  // Docker runs every stage or none, and asking it takes a while.
  const [first] = blueprints;
  const docker = first ? await dockerEngine.available(first) : { available: false };
  return Promise.all(
    blueprints.map(async blueprint => {
      const native = await nativeEngine.available(blueprint);
      const ready = native.available || docker.available;
      return { stage: blueprint.stage, ready, engines: { native, docker } };
    }),
  );
}

async function reportedVersion(path: string, flag: string): Promise<string> {
  return /\d+(\.\d+)+/.exec(await outputOf(path, [flag]))?.[0] ?? '';
}
