/** `create-backend-stage [directory]`: this function is the list of its steps. */
import { buildBlueprint } from '../blueprint/build.ts';
import { requireEngineName } from '../engines/select.ts';
import { planProject } from '../plan/plan.ts';
import { recordsOf } from '../project/manifest.ts';
import { detectPackageManager } from '../project/package-manager.ts';
import { VERSION } from '../version.ts';
import { chooseAnswers } from './create/answers.ts';
import { finish } from './create/finish.ts';
import { readGiven } from './create/given.ts';
import { installStep } from './create/install.ts';
import { previewStep } from './create/preview.ts';
import { repositoryStep } from './create/repository.ts';
import { type CreateOptions, refuseCollisions, type StepTimer, timed } from './create/steps.ts';
import { writeStep } from './create/write.ts';
import type { CommandResult } from './outcome.ts';
import type { CommandContext } from './run.ts';
import { verifyStep } from './steps/verify.ts';

/** Asks for what no flag gave, then writes, installs, starts a repository and verifies. */
export async function create(
  directory: string | undefined,
  options: CreateOptions,
  context: CommandContext,
): Promise<CommandResult> {
  requireEngineName(options.engine);
  const given = await readGiven(options, context);
  const { target, answers } = await chooseAnswers(directory, given, options, context);

  const timings: StepTimer = {};
  const blueprint = buildBlueprint(answers);
  const plan = await timed(timings, 'planMs', () => planProject(answers));
  const files = [...plan.files, ...recordsOf(plan, answers, VERSION)];
  await refuseCollisions(target, files, options.force === true);
  if (options.dryRun) return previewStep({ target, answers, plan, files });

  const manager = detectPackageManager(context.env);
  const project = await timed(timings, 'writeMs', () => writeStep({ target, plan, files }, context));
  const created = { target, answers, blueprint, plan, manager, project, timings, options };
  const installed = await timed(timings, 'installMs', () => installStep(created, context));
  const repository = await timed(timings, 'gitMs', () => repositoryStep(created, context));
  const verification = await timed(timings, 'verifyMs', () => verifyStep(created, installed, context));
  return finish(created, { installed, repository, verification }, context);
}
