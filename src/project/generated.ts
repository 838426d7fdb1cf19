import { resolve } from 'node:path';
import type { Blueprint } from '../blueprint/blueprint.ts';
import { buildBlueprint, mainProgram } from '../blueprint/build.ts';
import { withStageFile } from '../blueprint/stage-file.ts';
import { UsageError } from '../errors.ts';
import type { Answers } from '../journey/options.ts';
import { planProject } from '../plan/plan.ts';
import { STAGE_FILE, type StageFile } from '../stage-file/stage-file.ts';
import { type Manifest, readManifest } from './manifest.ts';

export interface GeneratedProject {
  /** Absolute. */
  readonly directory: string;
  readonly manifest: Manifest;
  /** What runs, for the answers in the manifest and what the stage file says. */
  readonly blueprint: Blueprint;
  readonly stageFile: StageFile;
  /** The project has no stage file, as one of 0.1.0: `stageFile` is the one that its answers would give. */
  readonly stageFileMissing: boolean;
}

/** Its stage file may be one that cannot be understood. */
export interface OpenedAnyhow extends GeneratedProject {
  readonly problem?: UsageError;
}

/** The ids that a stage file may name. */
export type GuaranteeIds = () => Promise<readonly string[]>;

/**
 * A project that this tool wrote before, from its manifest and its stage file.
 * @param guaranteeIds left out: ids in the stage file are not looked at
 * @throws UsageError if there is none in `typed`, or if its stage file cannot be understood
 */
export async function openProject(
  typed: string | undefined,
  cwd: string,
  guaranteeIds?: GuaranteeIds,
): Promise<GeneratedProject> {
  const { problem, ...project } = await openAnyhow(typed, cwd, guaranteeIds);
  if (problem) throw problem;
  return project;
}

/** As `openProject`, but a stage file that cannot be understood is told in `problem`, and counts as none. */
export async function openAnyhow(
  typed: string | undefined,
  cwd: string,
  guaranteeIds?: GuaranteeIds,
): Promise<OpenedAnyhow> {
  const directory = resolve(cwd, typed ?? '.');
  const manifest = await readManifest(directory);
  const asGenerated = buildBlueprint(manifest.answers);
  const own = await ownStageFile(directory, manifest.answers, guaranteeIds);
  const there = own instanceof UsageError ? undefined : own;
  const stageFile = there ?? (await generatedStageFile(manifest.answers));
  return {
    directory,
    manifest,
    blueprint: withStageFile(asGenerated, stageFile),
    stageFile,
    stageFileMissing: own === undefined,
    ...(own instanceof UsageError ? { problem: own } : {}),
  };
}

/** The stage file that a project is generated with. */
export async function generatedStageFile(answers: Answers): Promise<StageFile> {
  const { files } = await planProject(answers);
  const file = files.find(({ path }) => path === STAGE_FILE);
  if (!file) throw new Error(`the ${answers.stage} stage has no ${STAGE_FILE}`);
  const { parseStageFile } = await import('../stage-file/read.ts');
  return parseStageFile(file.bytes.toString('utf8'), { program: mainProgram(answers) });
}

async function ownStageFile(
  directory: string,
  answers: Answers,
  guaranteeIds: GuaranteeIds | undefined,
): Promise<StageFile | undefined | UsageError> {
  const { readStageFile } = await import('../stage-file/read.ts');
  const guarantees = guaranteeIds ? { guarantees: await guaranteeIds() } : {};
  try {
    return await readStageFile(directory, { program: mainProgram(answers), ...guarantees });
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
