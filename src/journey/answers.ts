/** From what was given to a whole set of answers. */
import { UsageError } from '../errors.ts';
import {
  type Answers,
  choiceValues,
  type GivenAnswers,
  isFor,
  OPTIONS,
  type Option,
  optionFor,
  optionsOf,
} from './options.ts';
import { parseAnswers } from './parse-answer.ts';
import { DEFAULT_SAMPLE } from './samples.ts';

/**
 * Fills what was not given with the option table's defaults. Answers that the stage or the sample has no use for are refused: a
 * flag that is silently ignored is a lie.
 * @throws UsageError naming the flag that is missing, or that does not belong
 */
export function resolveAnswers(given: GivenAnswers, directoryName: string): Answers {
  const { stage, sample } = given;
  if (!stage) throw missing(optionFor('stage'));
  refuseForeign(given);
  const raws = optionsOf(stage, sample).map(option => ({
    option,
    raw: given[option.key] ?? option.fallback(given, directoryName),
  }));
  const lacking = raws.find(({ raw }) => raw === undefined);
  if (lacking) throw missing(lacking.option);
  const filled = parseAnswers(raws);
  if (!hasWhatAllHave(filled)) throw new Error('an option that every project has is not in the table');
  return sample === undefined ? filled : { ...filled, sample };
}

function missing(option: Option): UsageError {
  const hint = option.choices && `choose one of ${choiceValues(option).join(', ')}`;
  return new UsageError(`${option.flag} is missing`, hint);
}

function hasWhatAllHave(given: GivenAnswers): given is Answers {
  return given.stage !== undefined && given.name !== undefined && given.port !== undefined;
}

/** @throws UsageError naming a flag that the given stage or sample has no use for; nothing is said without a stage */
export function refuseForeign(given: GivenAnswers): void {
  const { stage, sample = DEFAULT_SAMPLE } = given;
  if (!stage) return;
  const own = optionsOf(stage, sample);
  const foreign = OPTIONS.find(option => given[option.key] !== undefined && !own.includes(option));
  if (!foreign) return;
  if (isFor(foreign, sample)) {
    throw new UsageError(
      `${foreign.flag} has no meaning at the ${stage} stage: it comes with ${foreign.from}`,
      `leave it out, or choose --stage ${foreign.from} or later`,
    );
  }
  throw new UsageError(
    `${foreign.flag} has no meaning with --sample ${sample}`,
    `leave it out, or choose --sample ${foreign.for?.join(' or ')}`,
  );
}

/**
 * Reads answers from parsed JSON: an answers file, or a manifest.
 * @throws UsageError naming the unknown or wrong field
 */
export function readAnswers(json: unknown, source: string): GivenAnswers {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UsageError(`${source} must hold one JSON object of answers`);
  }
  const raws = Object.entries(json).map(([key, raw]) => {
    const option = OPTIONS.find(candidate => candidate.key === key);
    if (option) return { option, raw, source: `${source}: field "${key}"` };
    throw new UsageError(
      `${source}: unknown field ${JSON.stringify(key)}`,
      `known are ${OPTIONS.map(o => o.key).join(', ')}`,
    );
  });
  return parseAnswers(raws);
}

/** The answers that are not the default anyway. */
export function chosenAnswers(answers: Answers, directoryName: string): GivenAnswers {
  const { stage, sample } = answers;
  const chosen = optionsOf(stage, sample).filter(({ key, fallback }) => {
    const preset = fallback({ ...answers, [key]: undefined }, directoryName);
    return answers[key] !== undefined && !isSame(answers[key], preset);
  });
  const values: GivenAnswers = Object.fromEntries(chosen.map(({ key }) => [key, answers[key]]));
  return sample === undefined ? values : { ...values, sample };
}

/** The flags that give these answers again, without those that are the default anyway. */
export function answersAsFlags(answers: Answers, directoryName: string): string[] {
  return asFlags(chosenAnswers(answers, directoryName));
}

/** The flags for what is not as it was; the stage is not among them. */
export function changesAsFlags(was: Answers, is: Answers): string[] {
  const changed = OPTIONS.filter(({ key }) => key !== 'stage' && !isSame(is[key], was[key]));
  return asFlags(Object.fromEntries(changed.map(({ key }) => [key, is[key]])));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function asFlags(answers: GivenAnswers): string[] {
  return OPTIONS.flatMap(({ key, flag }) => {
    const value = answers[key];
    if (value === undefined) return [];
    return [flag, Array.isArray(value) ? value.join(',') : String(value)];
  });
}
