/** Everything that a change of a project is planned from. */
import { resolveAnswers } from '../../journey/answers.ts';
import type { Answers } from '../../journey/options.ts';
import { stagesClimbed, stagesUpTo } from '../../journey/stages.ts';
import { followRules, grownOwnPath, grownPath, layersOf } from '../../plan/layers.ts';
import { planProject } from '../../plan/plan.ts';
import { sampleOf } from '../../samples/index.ts';
import type { StageFile } from '../../stage-file/stage-file.ts';
import { VERSION } from '../../version.ts';
import type { GeneratedProject } from '../generated.ts';
import type { ChangeRequest, FollowRules } from './model.ts';

/** Without a stage file: it says nothing but what is generated. */
type ToChange = Pick<GeneratedProject, 'directory' | 'manifest'> &
  Partial<Pick<GeneratedProject, 'stageFile'>>;

/**
 * @param answers what the project is to be; its stage is the project's own, or a later one
 * @throws UsageError when the answers ask for something that cannot run
 */
export async function prepareChange(
  { directory, manifest, stageFile }: ToChange,
  answers: Answers,
  { command, mode }: Pick<ChangeRequest, 'command' | 'mode'>,
): Promise<ChangeRequest> {
  const { layers } = await import('packed-templates');
  const climbed = layersOf(sampleOf(answers).name, stagesClimbed(manifest.answers.stage, answers.stage));
  const follow = followRules(layers, climbed);
  return {
    directory,
    manifest,
    answers,
    plan: await planProject(answers, stageFile && { programs: underNewNames(stageFile.programs, follow) }),
    version: VERSION,
    grownPath: path => grownPath(layers, climbed, path),
    grownOwnPath: path => grownOwnPath(layers, climbed, path),
    follow,
    generatedAgain: async () => {
      const { files } = await planProject(manifest.answers);
      return new Map(files.map(({ path, bytes }) => [path, bytes]));
    },
    generatedAt: path => generatedAt(answers, path),
    command,
    mode,
  };
}

/** What is said of a program is said of it under the name, too, that it has from now on. */
function underNewNames(programs: StageFile['programs'], { services }: FollowRules): StageFile['programs'] {
  const names = new Map(services);
  return Object.fromEntries(
    Object.entries(programs).map(([name, facts]) => [names.get(name) ?? name, facts]),
  );
}

/** With each stage's defaults: which lines a file has there does not hang on the answers. */
async function generatedAt({ name, stage: last }: Answers, path: string) {
  const plans = await Promise.all(
    stagesUpTo(last).map(async ({ name: stage }) => ({
      stage,
      ...(await planProject(resolveAnswers({ stage, name }, name))),
    })),
  );
  return plans.flatMap(({ stage, files }) =>
    files.filter(file => file.path === path).map(({ bytes }) => ({ stage, bytes })),
  );
}
