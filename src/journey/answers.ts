/** From what was given to a whole set of answers. */
import { UsageError } from '../errors.ts';
import {
  type AnswerKey,
  type Answers,
  type AnswerValue,
  choiceValues,
  type GivenAnswers,
  OPTIONS,
  optionFor,
  optionsOf,
  parseAnswer,
} from './options.ts';
import type { StageName } from './stages.ts';

/**
 * Fills what was not given with the option table's defaults. Answers that the stage has no use for are refused: a flag that is
 * silently ignored is a lie.
 * @throws UsageError naming the flag that is missing, or that does not belong to the stage
 */
export function resolveAnswers(given: GivenAnswers, directoryName: string): Answers {
  const stage = given.stage;
  if (!stage) {
    const option = optionFor('stage');
    throw new UsageError(`${option.flag} is missing`, `choose one of ${choiceValues(option).join(', ')}`);
  }
  refuseForeign(given, stage);
  const filled: Partial<Record<AnswerKey, AnswerValue>> = {};
  for (const option of optionsOf(stage)) {
    const value = given[option.key] ?? option.fallback(given, directoryName);
    if (value === undefined) throw new UsageError(`${option.flag} is missing`);
    filled[option.key] = parseAnswer(option, value);
  }
  return filled as unknown as Answers;
}

function refuseForeign(given: GivenAnswers, stage: StageName): void {
  const own = new Set(optionsOf(stage).map(option => option.key));
  const foreign = OPTIONS.find(option => given[option.key] !== undefined && !own.has(option.key));
  if (foreign) {
    throw new UsageError(
      `${foreign.flag} has no meaning at the ${stage} stage: it comes with ${foreign.from}`,
      `leave it out, or choose --stage ${foreign.from} or later`,
    );
  }
}

/**
 * Reads answers from parsed JSON: an answers file, or a manifest.
 * @throws UsageError naming the unknown or wrong field
 */
export function readAnswers(json: unknown, source: string): GivenAnswers {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UsageError(`${source} must hold one JSON object of answers`);
  }
  const read: Partial<Record<AnswerKey, AnswerValue>> = {};
  for (const [key, raw] of Object.entries(json)) {
    const option = OPTIONS.find(candidate => candidate.key === key);
    if (!option) {
      throw new UsageError(
        `${source}: unknown field ${JSON.stringify(key)}`,
        `known are ${OPTIONS.map(o => o.key).join(', ')}`,
      );
    }
    read[option.key] = parseAnswer(option, raw, `${source}: field "${key}"`);
  }
  return read as GivenAnswers;
}

/** The answers that are not the default anyway. */
export function chosenAnswers(answers: Answers, directoryName: string): GivenAnswers {
  const chosen = optionsOf(answers.stage).filter(({ key, fallback }) => {
    const preset = fallback({ ...answers, [key]: undefined }, directoryName);
    return answers[key] !== undefined && JSON.stringify(answers[key]) !== JSON.stringify(preset);
  });
  return Object.fromEntries(chosen.map(({ key }) => [key, answers[key]]));
}

/** The flags that give these answers again, without those that are the default anyway. */
export function answersAsFlags(answers: Answers, directoryName: string): string[] {
  return asFlags(chosenAnswers(answers, directoryName));
}

/** The flags for what is not as it was; the stage is not among them. */
export function changesAsFlags(was: Answers, is: Answers): string[] {
  const changed = Object.entries(is).filter(
    ([key, value]) => key !== 'stage' && JSON.stringify(value) !== JSON.stringify(was[key as AnswerKey]),
  );
  return asFlags(Object.fromEntries(changed));
}

function asFlags(answers: GivenAnswers): string[] {
  return Object.entries(answers).flatMap(([key, value]) => [
    optionFor(key as AnswerKey).flag,
    Array.isArray(value) ? value.join(',') : String(value),
  ]);
}
