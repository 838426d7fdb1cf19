/**
 * What a generated README tells its reader to do, as data. It is read as a person reads it:
 *
 * - A ```sh block is pasted line by line. A line `# → …` says what the line before it shows: one whole line of what is printed, in
 *   which `…` stands for anything. Other comments are for the reader.
 * - "With Docker:" and "Without Docker:" before a block say who pastes it: whoever runs the project that way.
 * - "in a terminal of its own" before a block: its last line goes on, and has come up when it shows what the README says.
 * - "end `…` with Ctrl-C, and start it again" is done to the first of these terminals, and "Commit what you have" to all files.
 */

export type EngineName = 'docker' | 'native';

export interface Line {
  readonly text: string;
  readonly shows: readonly string[];
}

export interface Paste {
  readonly kind: 'paste';
  /** The last heading of whatever level, as it stands there. */
  readonly heading: string;
  /** Whose block it is; undefined: everybody's. */
  readonly on: EngineName | undefined;
  readonly isTerminal: boolean;
  readonly lines: readonly Line[];
}

export interface Told {
  readonly kind: 'start-again' | 'commit';
  readonly heading: string;
}

export type Step = Paste | Told;

const ARROW = '# → ';

/** @throws Error where a block cannot be pasted line by line */
export function stepsOf(readme: string): Step[] {
  const steps: Step[] = [];
  let heading = '';
  let paragraph: string[] = [];
  let isOver = true;
  let block: { readonly isPasted: boolean; readonly lines: string[] } | undefined;

  const endParagraph = () => {
    const text = isOver ? '' : paragraph.join(' ');
    isOver = true;
    if (/ with Ctrl-C, and start it again\b/.test(text)) steps.push({ kind: 'start-again', heading });
    if (/\bCommit what you have\b/.test(text)) steps.push({ kind: 'commit', heading });
  };

  for (const line of readme.split('\n')) {
    const [fence, language] = /^```(\w*)/.exec(line) ?? [];
    if (block !== undefined && fence === undefined) {
      block.lines.push(line);
    } else if (block !== undefined) {
      const { isPasted, lines } = block;
      if (isPasted) steps.push({ kind: 'paste', heading, ...introducedBy(paragraph), lines: linesOf(lines) });
      block = undefined;
      paragraph = [];
    } else if (fence !== undefined) {
      endParagraph();
      block = { isPasted: language === 'sh', lines: [] };
    } else if (line === '') {
      endParagraph();
    } else {
      if (isOver) paragraph = [];
      isOver = false;
      if (/^#+ /.test(line)) heading = line;
      else paragraph.push(line);
    }
  }
  return steps;
}

function introducedBy(paragraph: readonly string[]): Pick<Paste, 'on' | 'isTerminal'> {
  const [last = ''] = paragraph
    .join(' ')
    .trim()
    .split(/(?<=[.!?]) /)
    .slice(-1);
  const on = /\bwithout Docker\b/i.test(last)
    ? 'native'
    : /\bwith Docker\b/i.test(last)
      ? 'docker'
      : undefined;
  return { on, isTerminal: /\bin a terminal of its own\b/.test(last) };
}

function linesOf(block: readonly string[]): Line[] {
  const lines: { text: string; shows: string[] }[] = [];
  for (const text of block) {
    if (text.startsWith(ARROW)) {
      const shown = lines.at(-1);
      if (shown === undefined) throw new Error(`nothing is pasted before "${text}"`);
      shown.shows.push(text.slice(ARROW.length));
    } else if (text.endsWith('\\')) {
      throw new Error(`a line goes on in the next one: ${text}`);
    } else if (text !== '' && !text.startsWith('#')) {
      lines.push({ text, shows: [] });
    }
  }
  return lines;
}

/** Whether one of the lines that were printed is what the README shows. */
export function isShown(shown: string, printed: string): boolean {
  const parts = shown.trim().split('…').map(escaped);
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return printed.split(/[\r\n]+/).some(line => pattern.test(line.trim()));
}

/** Columns are aligned by as many blanks as they take. */
function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\s+/g, '\\s+');
}
