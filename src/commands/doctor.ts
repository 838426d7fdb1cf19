/** `create-backend-stage doctor`: what this machine has and lacks, for which stage, and the command that installs it. */
import { buildBlueprint } from '../blueprint/build.ts';
import type { Availability, EngineName } from '../engines/engine.ts';
import { loadEngine } from '../engines/select.ts';
import { resolveAnswers } from '../journey/answers.ts';
import { STAGE_NAMES, type StageName } from '../journey/stages.ts';
import { NODE_RANGE } from '../journey/versions.ts';
import { ALL_PIECES } from '../pieces/index.ts';
import { type Tool as NeededTool, programOnPath } from '../pieces/tool.ts';
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
  const manager = detectPackageManager(env);
  return Promise.all([
    {
      name: 'node',
      purpose: `all stages (${NODE_RANGE})`,
      found: true,
      version: process.versions.node,
      path: process.execPath,
    },
    rowOf(programOnPath(manager, 'all stages: installs dependencies', '--version')),
    rowOf(programOnPath('git', 'optional: a repository for the project', '--version')),
    ...ALL_PIECES.flatMap(({ server, helpers = [] }) => [...(server ? [server] : []), ...helpers]).map(rowOf),
    rowOf(programOnPath('docker', 'all stages, in containers (with Compose v2)', '--version')),
  ]);
}

async function rowOf(tool: NeededTool): Promise<Tool> {
  const { name, purpose, fetched } = tool;
  const path = await tool.find();
  if (path === undefined) return { name, purpose, found: false, ...(fetched ? { note: fetched.note } : {}) };
  return { name, purpose, found: true, version: await tool.version(path), path };
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
