/** The words in braces that `stage.yaml` may use in bodies and paths: a value that is new in each request. */
import type { Json } from '../../stage-file/stage-file.ts';
import { newUuid, type Random } from '../random.ts';

/** Larger than what a database is seeded with, and small enough for an `int` and many requests. */
const FIRST_NUMBER = 1_000_001;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: MINUTE_MS, h: 60 * MINUTE_MS, d: DAY_MS };

const WORD = /\{(n|uuid|day|time(?:\+(\d+)([smhd]))?)\}/g;

/** Fills in one request. Within it the same word always gives the same value. */
export interface Filling {
  /** A path; values are encoded for it. */
  path(path: string): string;
  /** A body, with each `{ secret: NAME }` put in its place. */
  body(body: Json): Promise<Json>;
}

/** Gives each request words of its own, over all programs and clients of a run. */
export class Placeholders {
  readonly #random: Random;
  readonly #secret: (name: string) => Promise<string>;
  readonly #from: number;
  #requests = 0;

  /**
   * @param secret the text of a secret by its name
   * @param now when the run began, in milliseconds since the epoch
   */
  constructor(random: Random, secret: (name: string) => Promise<string>, now: number) {
    this.#random = random;
    this.#secret = secret;
    this.#from = Math.ceil((now + 1) / DAY_MS) * DAY_MS;
  }

  next(): Filling {
    const index = this.#requests++;
    const values: Readonly<Record<string, string>> = {
      n: String(FIRST_NUMBER + index),
      uuid: newUuid(this.#random),
      day: new Date(this.#from + index * DAY_MS).toISOString().slice(0, 10),
    };
    const timeMs = this.#from + index * MINUTE_MS;
    const fill = (text: string, encode: (value: string) => string = value => value): string =>
      text.replaceAll(WORD, (_, word: string, amount?: string, unit = '') =>
        encode(values[word] ?? new Date(timeMs + Number(amount ?? 0) * (UNITS[unit] ?? 0)).toISOString()),
      );
    const filled = async (value: Json): Promise<Json> => {
      if (value === '{n}') return Number(values.n);
      if (typeof value === 'string') return fill(value);
      if (Array.isArray(value)) return await Promise.all(value.map(filled));
      if (typeof value !== 'object' || value === null) return value;
      const name = secretNameOf(value);
      if (name !== undefined) return await this.#secret(name);
      const entries = Object.entries(value).map(async ([key, each]) => [key, await filled(each)] as const);
      return Object.fromEntries(await Promise.all(entries));
    };
    return { path: path => fill(path, encodeURIComponent), body: filled };
  }
}

/** The name in `{ secret: NAME }`, and nothing else is one. */
function secretNameOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  return entry?.[0] === 'secret' && others.length === 0 && typeof entry[1] === 'string'
    ? entry[1]
    : undefined;
}
