/** The one option table. Flags, prompts, help, the answers file and the manifest are all fed from here. */
import { UsageError } from '../errors.ts';
import { MOST_REPLICAS } from './limits.ts';
import { projectName } from './names.ts';
import { largestPool } from './pool-budget.ts';
import { reaches, STAGES, type StageName } from './stages.ts';

export type Strategy = 'round-robin' | 'least-connections';
export type BalancerName = 'nginx' | 'haproxy';

/** The parts that the microservices stage makes programs of their own. */
export const SERVICE_NAMES = ['orders', 'payments', 'search', 'receipts'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
/** An order is a conversation between these two: neither works without the other. */
export const REQUIRED_SERVICES: readonly ServiceName[] = ['orders', 'payments'];

/** What a project is generated from: everything that the manifest keeps. A stage has only the answers that it asks for. */
export interface Answers {
  readonly stage: StageName;
  readonly name: string;
  readonly port: number;
  readonly poolMax?: number;
  readonly replicas?: number;
  readonly strategy?: Strategy;
  readonly domain?: string;
  readonly balancer?: BalancerName;
  readonly services?: readonly ServiceName[];
}

export type AnswerKey = keyof Answers;
export type AnswerValue = string | number | readonly string[];

export interface Choice {
  readonly value: string;
  readonly description: string;
}

export interface Option {
  readonly key: AnswerKey;
  /** As typed, without its value: `--pool-max`. */
  readonly flag: string;
  /** What stands for the value in the help: `<n>`. */
  readonly placeholder: string;
  readonly kind: 'choice' | 'integer' | 'text' | 'list';
  readonly choices?: readonly Choice[];
  readonly range?: { readonly min: number; readonly max: number };
  /** The first stage that has this option. */
  readonly from: StageName;
  readonly question: string;
  readonly description: string;
  /** The default for the answers given so far, or undefined where somebody must say. */
  readonly fallback: (given: GivenAnswers, directoryName: string) => AnswerValue | undefined;
  /** A further rule for a value of the right kind. @throws UsageError */
  readonly check?: (value: AnswerValue, source: string) => void;
}

/** Answers as far as they are known. */
export type GivenAnswers = { readonly [K in AnswerKey]?: Answers[K] | undefined };

/** max_connections of the project's PostgreSQL, by stage: one server carries five databases at the end. */
export function maxConnections(stage: StageName): number {
  return reaches(stage, 'microservices') ? 200 : 100;
}

/** What the stages after `stall` listen on by default: the journey's own port until TLS arrives. */
const DEFAULT_PORT = 3000;
const DEFAULT_TLS_PORT = 8443;
const DEFAULT_POOL_MAX = 20;
const DEFAULT_REPLICAS = 3;
export const OPTIONS: readonly Option[] = [
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
    description: 'the package name (default: the directory name)',
    fallback: (_given, directoryName) => directoryName,
    check: (value, source) => {
      projectName(String(value), source);
    },
  },
  {
    key: 'port',
    flag: '--port',
    placeholder: '<n>',
    kind: 'integer',
    range: { min: 1, max: 65_535 },
    from: 'stall',
    question: 'Which port does the front door listen on?',
    description: `the front door's port on your machine (default: ${DEFAULT_PORT}; with TLS ${DEFAULT_TLS_PORT})`,
    fallback: given => (given.stage && reaches(given.stage, 'nginx') ? DEFAULT_TLS_PORT : DEFAULT_PORT),
  },
  {
    key: 'poolMax',
    flag: '--pool-max',
    placeholder: '<n>',
    kind: 'integer',
    range: { min: 1, max: 1000 },
    from: 'pool',
    question: 'How many database connections may one process hold?',
    description: `connections in each process's pool (default: ${DEFAULT_POOL_MAX}, less where the database could not take it)`,
    fallback: defaultPoolMax,
  },
  {
    key: 'replicas',
    flag: '--replicas',
    placeholder: '<n>',
    kind: 'integer',
    range: { min: 1, max: MOST_REPLICAS },
    from: 'balancer',
    question: 'How many copies of the program run?',
    description: `copies of the program behind the balancer (default: ${DEFAULT_REPLICAS})`,
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
    description: 'how the balancer picks a copy (default: round-robin)',
    fallback: () => 'round-robin',
  },
  {
    key: 'domain',
    flag: '--domain',
    placeholder: '<host>',
    kind: 'text',
    from: 'nginx',
    question: 'Under which host name will people reach it?',
    description: 'the public host name (default: localhost)',
    fallback: () => 'localhost',
    check: checkDomain,
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
    description: 'who balances behind the front door (default: nginx)',
    fallback: () => 'nginx',
  },
  {
    key: 'services',
    flag: '--services',
    placeholder: '<list>',
    kind: 'list',
    choices: [
      { value: 'orders', description: 'takes orders and sees them through (always)' },
      { value: 'payments', description: 'charges cards (always)' },
      { value: 'search', description: 'finds products and your own orders' },
      { value: 'receipts', description: 'e-mails a receipt from a queue' },
    ],
    from: 'microservices',
    question: 'Which parts become programs of their own?',
    description: `comma-separated parts of their own (default: ${SERVICE_NAMES.join(',')})`,
    fallback: () => SERVICE_NAMES,
    check: checkServices,
  },
];

/** The options that a stage has, in the order in which they are asked. */
export function optionsOf(stage: StageName): readonly Option[] {
  return OPTIONS.filter(option => reaches(stage, option.from));
}

/** The option with this key. */
export function optionFor(key: AnswerKey): Option {
  const found = OPTIONS.find(option => option.key === key);
  if (!found) throw new Error(`no option called ${key}`);
  return found;
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

export function choiceValues(option: Option): string[] {
  return (option.choices ?? []).map(choice => choice.value);
}

function show(raw: unknown): string {
  return typeof raw === 'string' ? JSON.stringify(raw) : String(JSON.stringify(raw));
}

function defaultPoolMax(given: GivenAnswers): number {
  const stage = given.stage ?? 'pool';
  const replicas = reaches(stage, 'balancer') ? (given.replicas ?? DEFAULT_REPLICAS) : 1;
  const others = reaches(stage, 'microservices') ? SERVICE_CONNECTIONS : 0;
  return Math.min(
    DEFAULT_POOL_MAX,
    largestPool(
      maxConnections(stage),
      replicas,
      others,
      reaches(stage, 'microservices') ? RELAY_CONNECTIONS : 0,
    ),
  );
}

/** The relay of a service keeps row locks while it delivers, on connections of its own. */
export const RELAY_CONNECTIONS = 2;
/** The pool of each service besides the shop. */
export const SERVICE_POOL_MAX = 8;
/** What the four services need at most, one copy more than usual included. */
const SERVICE_CONNECTIONS = SERVICE_NAMES.length * 2 * (SERVICE_POOL_MAX + RELAY_CONNECTIONS);

function checkDomain(value: AnswerValue, source: string): void {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  if (!new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`).test(String(value))) {
    throw new UsageError(
      `${source} ${show(value)} is not a host name`,
      'write it without scheme, port or path: shop.example',
    );
  }
}

function checkServices(value: AnswerValue, source: string): void {
  const missing = REQUIRED_SERVICES.filter(name => !(value as readonly string[]).includes(name));
  if (missing.length > 0) {
    throw new UsageError(
      `${source} leaves out ${missing.join(' and ')}: an order needs both orders and payments`,
      'only search and receipts may be left out',
    );
  }
}
