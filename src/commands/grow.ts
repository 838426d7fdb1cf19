/** `create-backend-stage grow [directory]`: climbs to a later stage. */
import { UsageError } from '../errors.ts';
import { isStageName, nextStage, STAGE_NAMES, type StageName, stageIndex } from '../journey/stages.ts';
import { changeProject } from './change/change.ts';
import type { CommandResult } from './outcome.ts';
import type { GrowOptions } from './program.ts';
import type { CommandContext } from './run.ts';

export function grow(
  typed: string | undefined,
  options: GrowOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const stage = (from: StageName) => stageToReach(from, options.to);
  return changeProject({ command: 'grow', stage, typed, options, context });
}

/** @throws UsageError for a stage that is unknown, or lies behind */
function stageToReach(from: StageName, to: string | undefined): StageName {
  if (to === undefined) {
    const next = nextStage(from)?.name;
    if (next) return next;
    throw new UsageError(`${from} is the last stage of the journey`, 'regenerate changes its answers');
  }
  if (!isStageName(to)) {
    throw new UsageError(`--to ${JSON.stringify(to)} is not one of ${STAGE_NAMES.join(', ')}`);
  }
  if (stageIndex(to) < stageIndex(from)) {
    throw new UsageError(
      `the project is at ${from}, and ${to} lies behind it: your code and your data rely on what came since`,
      'undo takes back the last grow; or create a new project at that stage',
    );
  }
  return to;
}
