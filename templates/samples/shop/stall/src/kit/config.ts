/** Settings come from the environment; all of them are checked before the program starts. */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** Why the program cannot start, in one line for the person who started it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface Variable<T> {
  /** The variable's name in the environment. */
  readonly name: string;
  /** What it is when it is not set or empty; without one it is required. */
  readonly fallback?: string;
  /** @throws Error that says what the variable must be. */
  readonly read: (text: string) => T;
}

type Values<Table> = { [Key in keyof Table]: Table[Key] extends Variable<infer T> ? T : never };

/** Reads every variable of the table. @throws StartError naming the first one that is missing or wrong. */
export function readConfig<Table extends Record<string, Variable<unknown>>>(
  table: Table,
  env: NodeJS.ProcessEnv = process.env,
): Values<Table> {
  return Object.fromEntries(
    Object.entries(table).map(([key, variable]) => [key, readVariable(variable, env)]),
  ) as Values<Table>;
}

function readVariable({ name, fallback, read }: Variable<unknown>, env: NodeJS.ProcessEnv): unknown {
  const text = env[name] || fallback;
  if (text === undefined) throw new StartError(`${name} is not set: set it in the environment or in .env`);
  try {
    return read(text);
  } catch (error) {
    throw new StartError(`${name} ${(error as Error).message}`);
  }
}

/** Adds what `.env` sets, where there is one. A variable that is already set keeps its value. */
export function loadEnvFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

export const text = (value: string): string => value;

export const flag = (value: string): boolean => oneOf('true', 'false')(value) === 'true';

export function oneOf<const Choice extends string>(...choices: Choice[]): (value: string) => Choice {
  return value => {
    const choice = choices.find(candidate => candidate === value);
    if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}, not ${value}`);
    return choice;
  };
}

export function wholeNumber(min: number, max: number): (value: string) => number {
  return value => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= min && number <= max)) {
      throw new Error(`must be a whole number from ${min} to ${max}, not ${value}`);
    }
    return number;
  };
}

/** A path to put before every route, such as `/api`, or nothing. */
export function basePath(value: string): string {
  if (!/^(\/[a-z0-9-]+)*$/.test(value)) throw new Error(`must look like /api, not ${value}`);
  return value;
}

/** Addresses or networks (CIDR), separated by commas. */
export function networks(value: string): string[] {
  const list = value.split(',').filter(Boolean);
  for (const network of list) {
    const [address = '', bits] = network.split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    if (!isIP(address) || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= most))) {
      throw new Error(
        `must be addresses or networks such as 10.0.0.0/8, separated by commas, not ${network}`,
      );
    }
  }
  return list;
}

/** The contents of the file that the variable names: a secret never stands in the environment itself. */
export function secretFile(path: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Error(`names a file that cannot be read (${path}: ${(error as NodeJS.ErrnoException).code})`);
  }
  if (!secret) throw new Error(`names an empty file (${path})`);
  return secret;
}

/** As `secretFile`; undefined where the variable is not set. Give it the fallback ''. */
export const optionalSecretFile = (path: string): string | undefined => (path ? secretFile(path) : undefined);
