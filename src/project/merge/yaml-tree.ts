/** One YAML document as a tree. Aliases and `<<` stay what they are: nothing is carried out. */
import {
  CHOMPING_MODE,
  COLLECTION_STYLE,
  CORE_SCHEMA,
  EVENT_ID,
  type Event,
  getScalarValue,
  NOT_RESOLVED,
  parseEvents,
  SCALAR_STYLE,
} from 'js-yaml';
import type { Node } from './tree.ts';

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type Marked = Exclude<
  Event,
  { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.ALIAS | typeof EVENT_ID.POP }
>;

const PLAIN_TAGS = CORE_SCHEMA.tags.flatMap(tag => (tag.nodeKind === 'scalar' && tag.implicit ? [tag] : []));

/** What this reading refuses by itself, beside what js-yaml refuses. */
export class YamlProblem extends Error {
  /** Where in the text. */
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** @throws Error saying what is wrong: also for several documents, a key that stands twice, an alias without its anchor */
export function parseYaml(text: string): Node {
  const events = parseEvents(text, {});
  const anchors = new Map<string, string>();
  let at = 1;
  const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length;
  if (documents !== 1) throw new YamlProblem(documents === 0 ? 'it is empty' : 'several documents', 0);
  const root = node([], 0);
  return { ...root, keyStart: root.start, from: 0, to: text.length };

  function next(): Event {
    const event = events[at++];
    if (!event) throw new YamlProblem('it ends too early', text.length);
    return event;
  }

  /** `before`: where what stands before it ends, for a value that is not written out. */
  function node(path: readonly string[], before: number): Node {
    const event = next();
    if (event.type === EVENT_ID.ALIAS) return alias(text.slice(event.anchorStart, event.anchorEnd), event);
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) {
      at--;
      return placed({ leaf: '=' }, before, before);
    }
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), path.join('.'));
    const markStart = firstOf(event.anchorStart - 1, event.tagStart);
    if (event.type === EVENT_ID.SCALAR) return scalar(event, markStart, before);
    const flow = event.style === COLLECTION_STYLE.FLOW;
    const isMap = event.type === EVENT_ID.MAPPING;
    const { end, ...members } = isMap ? entries(event.start, path, flow) : items(event.start, path, flow);
    const own = Object.assign(members, marks(event), { flow });
    const last = flow ? flowEnd(Math.max(end, event.start + 1)) : end;
    return placed(own, markStart < 0 ? event.start : markStart, last);
  }

  function alias(name: string, { anchorStart, anchorEnd }: { anchorStart: number; anchorEnd: number }): Node {
    const target = anchors.get(name);
    if (target === undefined) throw new YamlProblem(`no anchor ${name}`, anchorStart - 1);
    return placed({ leaf: `*${target}` }, anchorStart - 1, anchorEnd);
  }

  function scalar(event: ScalarEvent, markStart: number, before: number): Node {
    const { valueStart, valueEnd, style } = event;
    const value = getScalarValue(text, event);
    const isPlain = style === SCALAR_STYLE.PLAIN && event.tagStart < 0;
    const isText =
      !isPlain ||
      (value !== '' && PLAIN_TAGS.every(tag => tag.resolve(value, false, tag.tagName) === NOT_RESOLVED));
    const own = Object.assign({ leaf: (isText ? '"' : '=') + value }, marks(event));
    if (valueStart < 0)
      return placed(own, markStart < 0 ? before : markStart, Math.max(before, event.anchorEnd, event.tagEnd));
    const isBlock = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
    const quote = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0;
    const head = isBlock ? Math.max(before, text.lastIndexOf('\n', valueStart - 2) + 1) : valueStart - quote;
    // Blank lines behind it mean nothing unless its header says so.
    const end =
      isBlock && event.chomping !== CHOMPING_MODE.KEEP
        ? valueStart + text.slice(valueStart, valueEnd).trimEnd().length
        : valueEnd;
    return placed(own, markStart < 0 ? head : markStart, end + quote);
  }

  function entries(start: number, path: readonly string[], flow: boolean) {
    const found = new Map<string, Node>();
    let end = start;
    let column = flow ? undefined : columnOf(start);
    while (events[at]?.type !== EVENT_ID.POP) {
      const key = next();
      if (key.type !== EVENT_ID.SCALAR || key.valueStart < 0)
        throw new YamlProblem('a key that is no plain word', placeOf(key, end));
      const name = getScalarValue(text, key);
      const quote = key.style === SCALAR_STYLE.PLAIN ? 0 : 1;
      const keyStart = firstOf(key.anchorStart - 1, key.tagStart, key.valueStart - quote);
      if (found.has(name)) throw new YamlProblem(`two keys ${name}`, keyStart);
      const value = node([...path, name], colonAfter(key.valueEnd + quote));
      const own = flow ? undefined : columnOf(keyStart);
      if (own !== column) column = undefined;
      const lines = flow ? { from: -1 } : extent(keyStart, value.end, own);
      found.set(name, Object.assign(value, { keyStart }, lines));
      end = value.end;
    }
    at++;
    return { entries: found, end, column };
  }

  function items(start: number, path: readonly string[], flow: boolean) {
    const found: Node[] = [];
    let end = start;
    let column: number | undefined;
    while (events[at]?.type !== EVENT_ID.POP) {
      const item = node([...path, String(found.length)], end);
      const dash = flow ? undefined : dashBefore(item.start);
      column = found.length === 0 || dash === column ? dash : undefined;
      found.push(flow ? item : Object.assign(item, extent(item.start, item.end, dash)));
      end = item.end;
    }
    at++;
    return { items: found, end, column };
  }

  /** The lines of a member, with the comments behind it that are indented more than it is. */
  function extent(
    start: number,
    end: number,
    column = Number.POSITIVE_INFINITY,
  ): { from: number; to: number } {
    let to = lineEnd(end);
    for (let line = to; line < text.length; ) {
      const [, indent = '', rest = ''] = LINE.exec(text.slice(line, lineEnd(line + 1))) ?? [];
      if (rest !== '' && (!rest.startsWith('#') || indent.length <= column)) break;
      line = lineEnd(line + 1);
      if (rest !== '') to = line;
    }
    return { from: lineStart(start), to };
  }

  function lineStart(of: number): number {
    return of === 0 ? 0 : text.lastIndexOf('\n', of - 1) + 1;
  }

  /** Behind the line break that ends the line before this place. */
  function lineEnd(of: number): number {
    return text.indexOf('\n', of - 1) + 1 || text.length;
  }

  /** How far a place is indented; undefined where it does not start its line. */
  function columnOf(place: number): number | undefined {
    const before = text.slice(lineStart(place), place);
    return /^ *$/.test(before) ? before.length : undefined;
  }

  function dashBefore(place: number): number | undefined {
    return /^( *)- +$/.exec(text.slice(lineStart(place), place))?.[1]?.length;
  }

  function colonAfter(place: number): number {
    COLON.lastIndex = place;
    return place + (COLON.exec(text)?.[0].length ?? 0);
  }

  function flowEnd(place: number): number {
    FLOW_END.lastIndex = place;
    return place + (FLOW_END.exec(text)?.[0].length ?? 0);
  }

  function marks({ anchorStart, anchorEnd, tagStart, tagEnd }: Marked): { mark?: string } {
    const mark =
      text.slice(tagStart, Math.max(tagStart, tagEnd)) +
      (anchorStart < 0 ? '' : `&${text.slice(anchorStart, anchorEnd)}`);
    return mark ? { mark } : {};
  }
}

/** What a scalar means, from its leaf. */
export function scalarOf(leaf: string): string | number | boolean | null {
  const text = leaf.slice(1);
  if (leaf.startsWith('"')) return text;
  if (text === '') return null;
  for (const tag of PLAIN_TAGS) {
    const value = tag.resolve(text, false, tag.tagName);
    if (value !== NOT_RESOLVED) return value as number | boolean | null;
  }
  return text;
}

const LINE = /^( *)(.*)/;
const COLON = /\s*:/y;
const FLOW_END = /(?:[\s,:]|#.*)*[\]}]/y;

/** The first of those that are there: -1 and less say that something is not. */
const firstOf = (...places: number[]) => {
  const there = places.filter(place => place >= 0);
  return there.length > 0 ? Math.min(...there) : -1;
};

/** Where an event begins, as far as it says so. */
const placeOf = (event: Event, otherwise: number) => ('start' in event ? event.start : otherwise);

const placed = (own: object, start: number, end: number): Node =>
  Object.assign(own, { start, end, keyStart: start, from: start, to: end });
