/**
 * A proxy's configuration for a native run. What runs is the project's own file, with the owner's edits: only the lines in which
 * the template differs between Compose and here (addresses, paths) are exchanged in it.
 */
import { diffArrays } from 'diff';
import { EngineError } from '../../errors.ts';

/** One place where the template renders differently: from line `start` of the generated text, `removed` becomes `added`. */
interface Exchange {
  readonly start: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface ProxyTexts {
  /** The file's name in the project, for errors. */
  readonly file: string;
  /** What the file holds now. */
  readonly owned: string;
  /** What the template renders for Compose: the file as it was generated. */
  readonly generated: string;
  /** What the template renders for this run. */
  readonly wanted: string;
}

/** The owner's file with this run's addresses. @throws EngineError naming the line whose place the owner's edits have taken. */
export function adaptProxyConfig({ file, owned, generated, wanted }: ProxyTexts): string {
  const base = linesOf(generated);
  const own = linesOf(owned);
  const places = placesOf(base, own);
  const dropped = new Set<number>();
  const inserted = new Map<number, string[]>();
  for (const exchange of exchangesBetween(base, linesOf(wanted))) {
    const place = placeOf(exchange, places, own) ?? fail(file, exchange, base);
    for (const line of place.replaced) dropped.add(line);
    inserted.set(place.before, [...(inserted.get(place.before) ?? []), ...exchange.added]);
  }
  const result = own.flatMap((line, at) => [...(inserted.get(at) ?? []), ...(dropped.has(at) ? [] : [line])]);
  return [...result, ...(inserted.get(own.length) ?? [])].join('\n');
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

/** Another indentation is no edit. */
const sameLine = (a: string, b: string) => a.trim() === b.trim();

/** Where each line of `base` is in `own`; undefined for a line that the owner changed or took out. */
function placesOf(base: readonly string[], own: readonly string[]): (number | undefined)[] {
  const places: (number | undefined)[] = [];
  let at = 0;
  for (const { value, added, removed } of diffArrays([...base], [...own], { comparator: sameLine })) {
    for (const _ of value) {
      if (!added) places.push(removed ? undefined : at);
      if (!removed) at++;
    }
  }
  return places;
}

function exchangesBetween(base: readonly string[], wanted: readonly string[]): Exchange[] {
  const exchanges: Exchange[] = [];
  let at = 0;
  let open: { start: number; removed: string[]; added: string[] } | undefined;
  for (const { value, added, removed } of diffArrays([...base], [...wanted])) {
    if (!added && !removed) {
      open = undefined;
      at += value.length;
      continue;
    }
    if (!open) {
      open = { start: at, removed: [], added: [] };
      exchanges.push(open);
    }
    (added ? open.added : open.removed).push(...value);
    if (removed) at += value.length;
  }
  return exchanges.flatMap(lineByLine);
}

/** As many lines as before are exchanged each for its own, so that what the owner put between them stays there. */
function lineByLine(exchange: Exchange): Exchange[] {
  const { start, removed, added } = exchange;
  if (removed.length !== added.length) return [exchange];
  return removed.map((line, offset) => ({
    start: start + offset,
    removed: [line],
    added: added.slice(offset, offset + 1),
  }));
}

interface Place {
  readonly replaced: readonly number[];
  readonly before: number;
}

function placeOf(
  exchange: Exchange,
  places: readonly (number | undefined)[],
  own: readonly string[],
): Place | undefined {
  const { start, removed } = exchange;
  const found = removed.map((_, offset) => places[start + offset]);
  const replaced = found.filter(place => place !== undefined);
  // A comment that the owner has rewritten or dropped changes nothing of what runs.
  if (found.every((place, at) => place !== undefined || isComment(removed[at] ?? ''))) {
    const [before] = replaced;
    return before === undefined ? placeOfInsertion(start, places, own.length) : { replaced, before };
  }
  const moved = onlyOccurrence(removed, own);
  return moved === undefined
    ? undefined
    : { replaced: removed.map((_, offset) => moved + offset), before: moved };
}

function isComment(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

/** A pure insertion stays with the line before it, or else with the line after it. */
function placeOfInsertion(
  start: number,
  places: readonly (number | undefined)[],
  end: number,
): Place | undefined {
  if (start === 0) return { replaced: [], before: 0 };
  const previous = places[start - 1];
  if (previous !== undefined) return { replaced: [], before: previous + 1 };
  const next = start < places.length ? places[start] : end;
  return next === undefined ? undefined : { replaced: [], before: next };
}

/** Where the owner has moved the lines to, if they are there exactly once. */
function onlyOccurrence(lines: readonly string[], own: readonly string[]): number | undefined {
  const starts = own.flatMap((_, at) =>
    lines.every((line, offset) => sameLine(line, own[at + offset] ?? '\0')) ? [at] : [],
  );
  return starts.length === 1 ? starts[0] : undefined;
}

function fail(file: string, { start, removed }: Exchange, base: readonly string[]): never {
  const line = (removed.find(text => text.trim() !== '') ?? base[start - 1] ?? '').trim();
  throw new EngineError(
    `${file} was edited where this run needs its own addresses: the line \`${line}\` is not there`,
    {
      hint: 'put the line back as it was generated, or verify with --engine docker, which runs the file as it is',
    },
  );
}
