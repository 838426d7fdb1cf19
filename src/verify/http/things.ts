/** What answers named: the ids with which the `{…}` of other paths are filled. None is made up. */
import { isObject, type Json } from './openapi.ts';

interface Thing {
  readonly value: Json;
  /** Whether this run made it: then it may be changed, and taken away again. */
  readonly isOwn: boolean;
}

export interface Filled {
  readonly path: string;
  /** Whether what its last `{…}` names is this run's own. */
  readonly isOwn: boolean;
}

/** How many ways of filling a path are followed. */
const MOST_WAYS = 4;
const LISTS_LIE_WITHIN = 2;

export class Things {
  /** By the path of what holds them, such as `/things` or `/things/7/parts`. */
  readonly #within = new Map<string, Thing[]>();

  /** Remembers what a list named. @param path the one that answered with it */
  noteList(path: string, body: unknown): void {
    for (const each of listIn(body, LISTS_LIE_WITHIN))
      this.#add(path, { value: thingOf(each), isOwn: false });
  }

  /** Remembers what this run made, unless it was there before. @param path where it lies, without its own part */
  noteOwn(path: string, value: Json): void {
    const isKnown = this.#within.get(path)?.some(known => mainId(known.value) === mainId(value));
    if (!isKnown) this.#add(path, { value, isOwn: true });
  }

  /** This run's own go before others: they come from its latest answers. */
  #add(path: string, thing: Thing): void {
    const known = this.#within.get(path) ?? [];
    this.#within.set(path, thing.isOwn ? [thing, ...known] : [...known, thing]);
  }

  /**
   * A path with its `{…}` filled in, the best way first; none where nothing is known that fits.
   * @param given what the document itself gives for a name
   */
  fill(path: string, given: (name: string) => unknown): Filled[] {
    let ways: Filled[] = [{ path: '', isOwn: false }];
    for (const segment of path.split('/').slice(1)) {
      ways = ways.flatMap(way => this.#filled(way, segment, given)).slice(0, MOST_WAYS);
    }
    return ways;
  }

  #filled(before: Filled, segment: string, given: (name: string) => unknown): Filled[] {
    const [place, another] = segment.matchAll(/\{([^}]+)\}/g);
    if (!place) return [{ ...before, path: `${before.path}/${segment}` }];
    const [word, name = ''] = place;
    if (another) return [];
    const known = (this.#within.get(before.path) ?? []).map(({ value, isOwn }) => ({
      id: idOf(value, name),
      isOwn,
    }));
    return [...known, { id: textOf(given(name)), isOwn: false }].flatMap(({ id, isOwn }) =>
      id === undefined
        ? []
        : [{ path: `${before.path}/${segment.replace(word, encodeURIComponent(id))}`, isOwn }],
    );
  }
}

/** The first list in an answer: itself, or within what wraps it. */
function listIn(value: unknown, depth: number): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value) || depth === 0) return [];
  const inner = Object.values(value).map(each => listIn(each, depth - 1));
  return inner.find(each => each.length > 0) ?? [];
}

function thingOf(entry: unknown): Json {
  return isObject(entry) ? entry : { id: entry };
}

/** By the name in the path, however it is written; or the `id`. */
function idOf(value: Json, name: string): string | undefined {
  const key = Object.keys(value).find(each => plain(each) === plain(name));
  return textOf(key === undefined ? undefined : value[key]) ?? textOf(value.id) ?? textOf(value._id);
}

function mainId(value: Json): string | undefined {
  return textOf(value.id) ?? textOf(value._id) ?? textOf(Object.values(value)[0]);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
