/** Merges files that are sets of lines: ignore files, and .env.example, in which a key stands for its line. */
import type { Merged, Sides } from './sides.ts';
import { finalNewline, linesOf, textOf } from './text-shape.ts';
import { settled } from './whole-file.ts';

const SETTING = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/;
/** Prose with a `=` in it goes on after the value; a setting that is commented out does not. */
const SETTING_OFF = /^\s*#\s*(?:export\s+)?([A-Za-z_]\w*)=(?:\S*|"[^"]*"|'[^']*')\s*$/;

interface Line {
  readonly text: string;
  readonly kind: 'blank' | 'comment' | 'entry';
  /** What it is known by: its key, or what it says. */
  readonly name: string;
  /** The name, and which of the lines of this name it is. */
  readonly id: string;
  /** A setting that is commented out. */
  readonly off: boolean;
}

/**
 * Yours, in its order and with all that was added to it, together with the lines that the generator added (after the line that they
 * follow there, with their comments) and without those that it dropped and that yours still has as they were. Never a conflict: of
 * a setting that both changed yours stays, and a note quotes the generated line. Texts have LF and no BOM.
 * @param keyed Whether `KEY=value` is known by its key, commented out or not; otherwise by the whole line.
 */
export function mergeLineSet(sides: Sides<string>, keyed = true): Merged<string> {
  const quick = settled(sides);
  if (quick) return quick;
  const set = new LineSetMerge(
    linesIn(sides.base ?? '', keyed),
    linesIn(sides.yours, keyed),
    linesIn(sides.generated, keyed),
  );
  return { content: textOf(set.lines(), finalNewline(sides)), conflicts: [], notes: set.notes };
}

function linesIn(text: string, keyed: boolean): Line[] {
  const lines = linesOf(text).map(line => {
    const said = line.trim();
    const key = keyed ? SETTING.exec(line)?.[1] : undefined;
    const keyOff = keyed ? SETTING_OFF.exec(line)?.[1] : undefined;
    const name = (key ?? keyOff) === undefined ? said : `${key ?? keyOff}=`;
    const remark = said.startsWith('#') && keyOff === undefined;
    const kind = said === '' ? 'blank' : remark ? 'comment' : 'entry';
    return { text: line, kind, name, id: '', off: keyOff !== undefined } as const;
  });
  const counts = new Map<string, number>();
  const counted = (line: Line): Line => {
    const count = (counts.get(line.name) ?? 0) + 1;
    counts.set(line.name, count);
    return { ...line, id: `${count} ${line.name}` };
  };
  // A key's line is the one in force, and only without such a one the one that is commented out.
  const inForce = lines.map(line => (line.off ? line : counted(line)));
  return inForce.map(line => (line.off ? counted(line) : line));
}

class LineSetMerge {
  readonly notes: string[] = [];
  readonly #yours: readonly Line[];
  readonly #before: ReadonlyMap<string, Line>;
  readonly #now: ReadonlyMap<string, Line>;
  readonly #places: ReadonlyMap<string, number>;
  readonly #names: Set<string>;
  /** What becomes of each line of yours. */
  readonly #own: (string | undefined)[];
  /** What comes before each line of yours, and after the last. */
  readonly #added = new Map<number, string[]>();

  constructor(base: readonly Line[], yours: readonly Line[], generated: readonly Line[]) {
    this.#yours = yours;
    this.#before = new Map(base.map(line => [line.id, line]));
    this.#now = new Map(generated.map(line => [line.id, line]));
    this.#places = new Map(yours.map((line, at) => [line.id, at]));
    this.#names = new Set(yours.map(line => line.name));
    this.#own = yours.map(line => line.text);
    this.#drop(base);
    this.#add(generated);
  }

  #drop(base: readonly Line[]): void {
    for (const line of base) {
      const place = this.#places.get(line.id);
      if (line.kind === 'blank' || place === undefined || this.#now.has(line.id)) continue;
      if (same(this.#yours[place], line)) this.#own[place] = undefined;
    }
  }

  #add(generated: readonly Line[]): void {
    /** New comments and blank lines, which go where the next line goes. */
    let lead: Line[] = [];
    let next = 0;
    for (const line of generated) {
      const place = this.#places.get(line.id);
      const known = this.#before.get(line.id);
      if (line.kind === 'blank' || (line.kind === 'comment' && place === undefined)) {
        if (!known || line.kind === 'blank') lead.push(line);
        continue;
      }
      if (place !== undefined) {
        if (known && (lead.some(({ kind }) => kind === 'comment') || this.#added.has(place)))
          this.#insert(place, lead);
        this.#settle(place, line, known);
        next = place + 1;
      } else if (!known && !this.#names.has(line.name)) {
        next = this.#insert(lead[0]?.kind === 'blank' ? this.#endOfOwn(next) : next, [...lead, line]);
        this.#names.add(line.name);
      }
      lead = [];
    }
    if (lead.some(({ kind }) => kind === 'comment')) this.#insert(this.#endOfOwn(next), lead);
  }

  #settle(place: number, line: Line, known: Line | undefined): void {
    const mine = this.#yours[place];
    if (same(mine, line) || (known && same(known, line))) return;
    if (known && same(known, mine)) this.#own[place] = line.text;
    else if (!known && mine?.off && !line.off) this.#insert(place + 1, [line]);
    else
      this.notes.push(`${line.name.slice(0, -1)}: your line stays; generated now is \`${line.text.trim()}\``);
  }

  /** A paragraph of its own goes after what the owner added to the one before. */
  #endOfOwn(from: number): number {
    for (let at = from; ; at++) {
      const line = this.#yours[at];
      if (!line || line.kind === 'blank' || this.#now.has(line.id)) return at;
    }
  }

  #insert(at: number, lines: readonly Line[]): number {
    const added = this.#added.get(at) ?? [];
    added.push(...lines.map(line => line.text));
    this.#added.set(at, added);
    return at;
  }

  /** Blank lines do not pile up where lines were dropped or put in. */
  lines(): string[] {
    const lines: string[] = [];
    const doubled = (text: string) => text.trim() === '' && (lines.at(-1) ?? '').trim() === '';
    let dropped = false;
    for (let at = 0; at <= this.#own.length; at++) {
      for (const text of this.#added.get(at) ?? []) if (!doubled(text)) lines.push(text);
      const own = this.#own[at];
      if (own === undefined) dropped ||= at < this.#own.length;
      else if (!dropped || !doubled(own)) {
        lines.push(own);
        dropped = false;
      }
    }
    if (dropped && lines.at(-1)?.trim() === '') lines.pop();
    return lines;
  }
}

function same(some: Line | undefined, other: Line | undefined): boolean {
  return some?.text.trim() === other?.text.trim();
}
