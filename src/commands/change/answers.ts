/** The answers of a project that changes: its own, and what flags say instead. */
import { resolveAnswers } from '../../journey/answers.ts';
import {
  type AnswerKey,
  type Answers,
  type AnswerValue,
  type GivenAnswers,
  OPTIONS,
  optionsOf,
  parseAnswer,
} from '../../journey/options.ts';
import type { StageName } from '../../journey/stages.ts';
import type { ChangeOptions } from '../program.ts';

/**
 * What the project's answers become. An answer that was the default follows the default: it may be another one at the new stage, or
 * with the other answers.
 * @throws UsageError naming the flag that is wrong, or that the stage has no use for
 */
export function changedAnswers(before: Answers, stage: StageName, options: ChangeOptions): Answers {
  return resolveAnswers({ ...chosen(before), ...givenBy(options), stage }, before.name);
}

function chosen(answers: Answers): GivenAnswers {
  const own = optionsOf(answers.stage).filter(({ key, fallback }) => {
    const preset = fallback({ ...answers, [key]: undefined }, answers.name);
    return key === 'name' || JSON.stringify(answers[key]) !== JSON.stringify(preset);
  });
  return Object.fromEntries(own.map(({ key }) => [key, answers[key]]));
}

function givenBy(options: ChangeOptions): GivenAnswers {
  const given: Partial<Record<AnswerKey, AnswerValue>> = {};
  for (const option of OPTIONS) {
    const typed = option.key === 'stage' ? undefined : options[option.key];
    if (typed !== undefined) given[option.key] = parseAnswer(option, typed);
  }
  return given as GivenAnswers;
}
