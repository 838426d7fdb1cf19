/** `create-backend-stage doctor`: what this machine has and lacks, for which stage, and the command that installs it. */
import { buildBlueprint } from '../blueprint/build.ts';
import { findExecutable, versionOf } from '../engines/native/executables.ts';
import { installedTools } from '../engines/native/tools.ts';
import { selectEngine } from '../engines/select.ts';
import { resolveAnswers } from '../journey/answers.ts';
import { STAGE_NAMES, type StageName } from '../journey/stages.ts';
import { NODE_RANGE } from '../journey/versions.ts';
import { detectPackageManager } from '../project/package-manager.ts';
import { outputOf } from '../run-process.ts';
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
  readonly ready: boolean;
  readonly reason?: string;
  readonly hint?: string;
}

export async function doctor({ env, terminal }: CommandContext): Promise<CommandResult> {
  const [tools, stages] = await Promise.all([listTools(env), Promise.all(STAGE_NAMES.map(readiness))]);
  const { green, red, yellow } = terminal.paintResult;
  const toolRows = tools.map(tool => [
    tool.found ? 'yes' : 'no',
    tool.name,
    tool.version ?? '',
    tool.path ?? tool.note ?? '',
    tool.purpose,
  ]);
  const stageRows = stages.map(({ stage, ready, reason = '' }) => [ready ? 'yes' : 'no', stage, reason]);
  const hints = [...new Set(stages.flatMap(({ hint }) => hint ?? []))];
  // The longest command installs what the shorter ones do, and more.
  const install = hints.sort((a, b) => b.length - a.length)[0];
  const text = [
    table(['here', 'program', 'version', 'where', 'for'], toolRows),
    '',
    table(['runs', 'stage', 'what is missing'], stageRows),
    '',
    install === undefined
      ? green('Every stage can be run and verified here.')
      : yellow(`To run and verify every stage: ${install}`),
  ]
    .join('\n')
    .replace(/^no /gm, red('no '));
  const nothingMissing = stages.every(({ ready }) => ready);
  return {
    ok: true,
    body: { ready: nothingMissing, tools, stages, ...(install === undefined ? {} : { install }) },
    text,
  };
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
    program('docker', findExecutable('docker'), 'optional: docker compose up'),
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

async function readiness(stage: StageName): Promise<Readiness> {
  const engine = await selectEngine('auto');
  const { available, reason, hint } = await engine.available(
    buildBlueprint(resolveAnswers({ stage }, 'my-shop')),
  );
  return {
    stage,
    ready: available,
    ...(reason === undefined ? {} : { reason }),
    ...(hint === undefined ? {} : { hint }),
  };
}

async function reportedVersion(path: string, flag: string): Promise<string> {
  return /\d+(\.\d+)+/.exec(await outputOf(path, [flag]))?.[0] ?? '';
}
