/** `create-backend-stage regenerate [directory]`: the same stage with other answers, or as a newer version writes it. */
import { changeProject } from './change/change.ts';
import type { ChangeOptions } from './change/input.ts';
import type { CommandResult } from './outcome.ts';
import type { CommandContext } from './run.ts';

export function regenerate(
  typed: string | undefined,
  options: ChangeOptions,
  context: CommandContext,
): Promise<CommandResult> {
  return changeProject({ command: 'regenerate', stage: stage => stage, typed, options, context });
}
