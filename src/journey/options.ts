/**
 * The one option table. Flags, prompts, help, the answers file and the manifest are all fed from here, and the types of the answers
 * are read off it.
 */
import { MOST_REPLICAS } from './limits.ts';
import { hostName, projectName } from './names.ts';
import { largestPool, maxConnections, RELAY_CONNECTIONS, SERVICE_POOL_MAX } from './pool-budget.ts';
import { DEFAULT_SAMPLE, type SampleName } from './samples.ts';
import { requireServices, SERVICE_NAMES, SERVICES } from './services.ts';
import { reaches, type STAGE_NAMES, STAGES, type StageName } from './stages.ts';

export type AnswerValue = string | number | readonly string[];

export interface Choice {
  readonly value: string;
  readonly description: string;
}

/** What a default may depend on. */
export interface DefaultBasis {
  readonly stage?: StageName | undefined;
  readonly replicas?: number | undefined;
}

/** One line of the table. */
interface OptionRule {
  readonly key: string;
  /** As typed, without its value: `--pool-max`. */
  readonly flag: string;
  /** What stands for the value in the help: `<n>`. */
  readonly placeholder: string;
  readonly kind: 'choice' | 'integer' | 'text' | 'list';
  readonly choices?: readonly Choice[];
  readonly range?: { readonly min: number; readonly max: number };
  /** The first stage that has this option. */
  readonly from: StageName;
  /** The samples that have this option; absent: all of them. */
  readonly for?: readonly SampleName[];
  readonly question: string;
  /** Without the default, which follows from `fallback`. */
  readonly description: string;
  /** The default for the answers given so far, or undefined where somebody must say. */
  readonly fallback: (given: DefaultBasis, directoryName: string) => AnswerValue | undefined;
  /** The default in words, if it is not the same at all stages; `at` gives the default of one. */
  readonly defaultWords?: (at: (stage: StageName) => string) => string;
  /** A further rule for a value of the right kind. @throws UsageError */
  readonly check?: (value: AnswerValue, source: string) => void;
}

const DEFAULT_POOL_MAX = 20;
const DEFAULT_REPLICAS = 3;
/** What the four services need at most, one copy more than usual included. */
const SERVICE_CONNECTIONS = SERVICE_NAMES.length * 2 * (SERVICE_POOL_MAX + RELAY_CONNECTIONS);

const TABLE = [
  {
    key: 'stage',
    flag: '--stage',
    placeholder: '<stage>',
    kind: 'choice',
    choices: STAGES.map(stage => ({ value: stage.name, description: `${stage.adds}: ${stage.fixes}` })),
    from: 'stall',
    question: 'Which stage do you need? (the earliest one that serves is the right one)',
    description: 'the stage of the journey to generate',
    fallback: () => undefined,
  },
  {
    key: 'name',
    flag: '--name',
    placeholder: '<name>',
    kind: 'text',
    from: 'stall',
    question: 'What is the project called?',
    description: 'the package name',
    fallback: (_given, directoryName) => directoryName,
    check: (value, source) => projectName(String(value), source),
  },
  {
    key: 'port',
    flag: '--port',
    placeholder: '<n>',
    kind: 'integer',
    range: { min: 1, max: 65_535 },
    from: 'stall',
    question: 'Which port does the front door listen on?',
    description: "the front door's port on your machine",
    fallback: ({ stage }) => (stage && reaches(stage, 'nginx') ? 8443 : 3000),
    defaultWords: at => `${at('stall')}; with TLS ${at('nginx')}`,
  },
  {
    key: 'poolMax',
    flag: '--pool-max',
    placeholder: '<n>',
    kind: 'integer',
    range: { min: 1, max: 1000 },
    from: 'pool',
    question: 'How many database connections may one process hold?',
    description: "connections in each process's pool",
    fallback: defaultPoolMax,
    defaultWords: at => `${at('pool')}, less where the database could not take it`,
  },
  {
    key: 'replicas',
    flag: '--replicas',
    placeholder: '<n>',
    kind: 'integer',
    range: { min: 1, max: MOST_REPLICAS },
    from: 'balancer',
    question: 'How many copies of the program run?',
    description: 'copies of the program behind the balancer',
    fallback: () => DEFAULT_REPLICAS,
  },
  {
    key: 'strategy',
    flag: '--strategy',
    placeholder: '<strategy>',
    kind: 'choice',
    choices: [
      { value: 'round-robin', description: 'copies take turns' },
      { value: 'least-connections', description: 'the least busy copy is next' },
    ],
    from: 'balancer',
    question: 'How does the balancer pick a copy?',
    description: 'how the balancer picks a copy',
    fallback: () => 'round-robin',
  },
  {
    key: 'domain',
    flag: '--domain',
    placeholder: '<host>',
    kind: 'text',
    from: 'nginx',
    question: 'Under which host name will people reach it?',
    description: 'the public host name',
    fallback: () => 'localhost',
    check: (value, source) => hostName(String(value), source),
  },
  {
    key: 'balancer',
    flag: '--balancer',
    placeholder: '<program>',
    kind: 'choice',
    choices: [
      { value: 'nginx', description: 'nginx spreads the requests itself (passive checks)' },
      { value: 'haproxy', description: 'HAProxy stays behind nginx (active checks, one more hop)' },
    ],
    from: 'nginx',
    question: 'Who spreads requests over the copies?',
    description: 'who balances behind the front door',
    fallback: () => 'nginx',
  },
  {
    key: 'services',
    flag: '--services',
    placeholder: '<list>',
    kind: 'list',
    choices: SERVICES,
    from: 'microservices',
    for: ['shop'],
    question: 'Which parts become programs of their own?',
    description: 'comma-separated parts of their own',
    fallback: () => SERVICE_NAMES,
    check: requireServices,
  },
] as const satisfies readonly OptionRule[];

/** An option of the table, whichever it is. */
export interface Option extends OptionRule {
  readonly key: AnswerKey;
}

export const OPTIONS: readonly Option[] = TABLE;

type Entry = (typeof TABLE)[number];
type ValueOf<E extends Entry> = E extends { kind: 'integer' }
  ? number
  : E extends { kind: 'text' }
    ? string
    : E extends { kind: 'choice'; choices: readonly { value: infer V }[] }
      ? V
      : E extends { kind: 'list'; choices: readonly { value: infer V }[] }
        ? readonly V[]
        : never;
/** What every project is asked: from the first stage on, and whatever its sample. */
type AskedOfAll = Exclude<Extract<Entry, { from: (typeof STAGE_NAMES)[0] }>, { for: unknown }>;
type Derived = { readonly [E in AskedOfAll as E['key']]: ValueOf<E> } & {
  readonly [E in Exclude<Entry, AskedOfAll> as E['key']]?: ValueOf<E>;
};

/** What a project is generated from: everything that the manifest keeps. A stage has only the answers that it asks for. */
export interface Answers extends Derived {
  /** Absent: the default one. */
  readonly sample?: SampleName;
}

export type AnswerKey = Entry['key'];
export type Strategy = NonNullable<Answers['strategy']>;

/** Answers as far as they are known. */
export type GivenAnswers = { readonly [K in keyof Answers]?: Answers[K] | undefined };

/** The options that a stage of a sample has, in the order in which they are asked. */
export function optionsOf(stage: StageName, sample: SampleName = DEFAULT_SAMPLE): readonly Option[] {
  return OPTIONS.filter(option => reaches(stage, option.from) && isFor(option, sample));
}

/** Whether a sample has this option, at whatever stage. */
export function isFor(option: Option, sample: SampleName = DEFAULT_SAMPLE): boolean {
  return option.for === undefined || option.for.includes(sample);
}

/** The option with this key. */
export function optionFor(key: AnswerKey): Option {
  const found = OPTIONS.find(option => option.key === key);
  if (!found) throw new Error(`no option called ${key}`);
  return found;
}

export function choiceValues(option: Option): string[] {
  return (option.choices ?? []).map(choice => choice.value);
}

/** The option in words, with its default. */
export function descriptionOf(option: Option): string {
  const words = defaultWordsOf(option);
  return words === undefined ? option.description : `${option.description} (default: ${words})`;
}

function defaultWordsOf({ from, fallback, defaultWords }: Option): string | undefined {
  const at = (stage: StageName) => fallback({ stage }, 'the directory name');
  if (defaultWords) return defaultWords(stage => String(at(stage)));
  const value = at(from);
  return value === undefined ? undefined : String(value);
}

function defaultPoolMax({ stage = 'pool', replicas = DEFAULT_REPLICAS }: DefaultBasis): number {
  const copies = reaches(stage, 'balancer') ? replicas : 1;
  const isSplit = reaches(stage, 'microservices');
  const [others, extra] = isSplit ? [SERVICE_CONNECTIONS, RELAY_CONNECTIONS] : [0, 0];
  return Math.min(DEFAULT_POOL_MAX, largestPool(maxConnections(stage), copies, others, extra));
}
