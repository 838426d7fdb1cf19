/** What a flag of a command is, and the flags that several commands have. */
import { type AnswerKey, choiceValues, descriptionOf, OPTIONS, type Option } from '../journey/options.ts';
import { needsValue } from './complaints.ts';

/** @typeParam Values what a command's options hold of it */
export interface Flag<Values = unknown> {
  /** `-y, --yes`, `--no-git` or `--to <stage>`. */
  readonly usage: string;
  readonly description: string;
  /** @throws UsageError for a text that is no value */
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
  readonly preset?: string;
  /** Holds nothing: it carries the type. */
  readonly values?: Values;
}

/** What a command gets of its flags: `{ dryRun?: boolean; … }`. */
export type OptionsOf<Flags extends readonly Flag[]> = (
  Flags[number] extends infer Each
    ? Each extends Flag<infer Values>
      ? (all: Values) => void
      : never
    : never
) extends (all: infer All) => void
  ? All
  : never;

/** `--dry-run` → `dryRun`, as Commander calls it. */
type KeyOf<Usage extends string> = Usage extends `${string}--no-${infer Name}`
  ? CamelCase<Name>
  : Usage extends `${string}--${infer Name} <${string}`
    ? CamelCase<Name>
    : Usage extends `${string}--${infer Name}`
      ? CamelCase<Name>
      : never;
type CamelCase<Words extends string> = Words extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Words;

/** A flag that switches something on. */
export function on<const Usage extends string>(
  usage: Usage,
  description: string,
): Flag<{ readonly [Key in KeyOf<Usage>]?: boolean }> {
  return { usage, description };
}

/** `--no-…`, for something that is on otherwise. */
export function off<const Usage extends `--no-${string}`>(
  usage: Usage,
  description: string,
): Flag<{ readonly [Key in KeyOf<Usage>]: boolean }> {
  return { usage, description };
}

/** A flag with a text of the person's own. */
export function text<const Usage extends string>(
  usage: Usage,
  description: string,
): Flag<{ readonly [Key in KeyOf<Usage>]?: string }> {
  return parsed(usage, description, value => value);
}

/** A flag whose value is read as it is typed. */
export function parsed<const Usage extends string, Value>(
  usage: Usage,
  description: string,
  read: (text: string) => Value,
): Flag<{ readonly [Key in KeyOf<Usage>]?: Value }> {
  const [flag] = usage.split(' ');
  return {
    usage,
    description,
    parse: value => {
      // Commander takes whatever comes next, so that `--stage --json` would be a stage called `--json`.
      if (value.startsWith('--')) throw needsValue(flag);
      return read(value);
    },
  };
}

/** A flag with a few values, one of which is meant where it is not given. */
export function oneOf<const Usage extends string, Value extends string>(
  usage: Usage,
  description: string,
  choices: readonly Value[],
  preset: Value,
): Flag<{ readonly [Key in KeyOf<Usage>]: Value }> {
  return { usage, description, choices, preset };
}

/** Answers as they are typed. */
export type AnswerTexts = Readonly<Partial<Record<AnswerKey, string>>>;

/** The flags of the option table. */
export function answerFlags(options: readonly Option[] = OPTIONS): readonly Flag<AnswerTexts>[] {
  return options.map(option => text(`${option.flag} ${option.placeholder}`, wordsFor(option)));
}

function wordsFor(option: Option): string {
  const choices = option.kind === 'choice' ? `: ${choiceValues(option).join(', ')}` : '';
  const from = option.from === 'stall' ? '' : ` [from ${option.from} on]`;
  return `${descriptionOf(option)}${choices}${from}`;
}

export const DEBUG = on('--debug', 'show where an error came from');

/** What every command has that prints one result. */
export const COMMON = [on('--json', 'print one JSON object on stdout, also on failure'), DEBUG] as const;

export const ENGINE: Flag<{ readonly engine: string }> = {
  usage: '--engine <name>',
  description: 'what runs the project: auto, docker or native',
  preset: 'auto',
};

export const ALLOW_UNVERIFIED = on(
  '--allow-unverified',
  'what this machine lacks is told, and is no failure',
);

/** For commands that install and verify what they have written. */
export const FOLLOW_UP = [
  off('--no-install', 'do not install dependencies'),
  off('--no-verify', 'do not run the project to check its guarantees'),
  ALLOW_UNVERIFIED,
  ENGINE,
] as const;
