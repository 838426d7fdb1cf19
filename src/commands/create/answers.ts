import { resolveAnswers } from '../../journey/answers.ts';
import { DEFAULT_DIRECTORY } from '../../journey/names.ts';
import type { GivenAnswers } from '../../journey/options.ts';
import { readTarget } from '../../project/target.ts';
import type { CreateOptions } from '../program.ts';
import type { CommandContext } from '../run.ts';
import type { Chosen } from './steps.ts';

/** From what was given to a whole set of answers and a place for the project; asks if there is somebody to ask. */
export async function chooseAnswers(
  directory: string | undefined,
  given: GivenAnswers,
  options: Pick<CreateOptions, 'force'>,
  context: CommandContext,
): Promise<Chosen> {
  if (context.interactive) {
    const { askForAnswers } = await import('./ask.ts');
    const { createPrompter } = await import('../../ui/prompts.ts');
    const prompter = createPrompter(context.signal);
    return askForAnswers({ directory, given, force: options.force === true, prompter, context });
  }
  const typed = directory ?? given.name ?? DEFAULT_DIRECTORY;
  const target = await readTarget(typed, context.cwd, given.name !== undefined);
  return { target, answers: resolveAnswers(given, target.name) };
}
