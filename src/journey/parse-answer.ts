/** Reads answers by their options, as typed or from a file. */
import { UsageError } from '../errors.ts';
import { type AnswerKey, type AnswerValue, choiceValues, type GivenAnswers, type Option } from './options.ts';

/** A value that is still to be read. */
export interface RawAnswer {
  readonly option: Option;
  readonly raw: unknown;
  /** As for `parseAnswer`. */
  readonly source?: string;
}

/** Reads each value by its option. @throws UsageError naming the source of the first one that is wrong */
export function parseAnswers(raws: readonly RawAnswer[]): GivenAnswers {
  const values: Partial<Record<AnswerKey, AnswerValue>> = {};
  for (const { option, raw, source } of raws) values[option.key] = parseAnswer(option, raw, source);
  return values as GivenAnswers;
}

/**
 * Reads one value, as typed or from a file.
 * @param source what to name in a complaint: the flag, or the field of the file
 * @throws UsageError naming the source, what it takes, and the way out
 */
export function parseAnswer(option: Option, raw: unknown, source: string = option.flag): AnswerValue {
  const value = READERS[option.kind](option, raw, source);
  option.check?.(value, source);
  return value;
}

const READERS: Record<Option['kind'], (option: Option, raw: unknown, source: string) => AnswerValue> = {
  text: (_option, raw, source) => {
    if (typeof raw !== 'string' || raw === '') throw new UsageError(`${source} needs a text`);
    return raw;
  },
  integer: (option, raw, source) => {
    const { min, max } = option.range ?? { min: 0, max: Number.MAX_SAFE_INTEGER };
    const number = typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : raw;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
      throw new UsageError(`${source} ${show(raw)} is not a whole number from ${min} to ${max}`);
    }
    return number;
  },
  choice: (option, raw, source) => {
    const values = choiceValues(option);
    if (typeof raw !== 'string' || !values.includes(raw)) {
      throw new UsageError(`${source} ${show(raw)} is not one of ${values.join(', ')}`);
    }
    return raw;
  },
  list: (option, raw, source) => {
    const known = choiceValues(option);
    const items = typeof raw === 'string' ? raw.split(',').map(item => item.trim()) : raw;
    if (!Array.isArray(items) || items.some(item => !known.includes(item))) {
      throw new UsageError(`${source} ${show(raw)} may only list ${known.join(', ')}`);
    }
    return known.filter(item => items.includes(item));
  },
};

function show(raw: unknown): string {
  return typeof raw === 'string' ? JSON.stringify(raw) : String(JSON.stringify(raw));
}
