import { type GivenAnswers, OPTIONS } from '../../journey/options.ts';
import { parseAnswers } from '../../journey/parse-answer.ts';
import type { AnswerTexts } from '../flags.ts';

/** The answers that flags give. @throws UsageError naming the flag that is wrong */
export function givenByFlags(typed: AnswerTexts): GivenAnswers {
  const raws = OPTIONS.map(option => ({ option, raw: typed[option.key] }));
  return parseAnswers(raws.filter(({ raw }) => raw !== undefined));
}
