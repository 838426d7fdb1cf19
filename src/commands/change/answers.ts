/** The answers of a project that changes: its own, and what flags say instead. */
import { chosenAnswers, resolveAnswers } from '../../journey/answers.ts';
import type { Answers } from '../../journey/options.ts';
import type { StageName } from '../../journey/stages.ts';
import { givenByFlags } from '../steps/given.ts';
import type { ChangeOptions } from './input.ts';

/**
 * What the project's answers become. An answer that was the default follows the default: it may be another one at the new stage, or
 * with the other answers.
 * @throws UsageError naming the flag that is wrong, or that the stage has no use for
 */
export function changedAnswers(before: Answers, stage: StageName, options: ChangeOptions): Answers {
  return resolveAnswers(
    { ...chosenAnswers(before, before.name), name: before.name, ...givenByFlags(options), stage },
    before.name,
  );
}
