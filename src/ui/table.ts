/**
 * Rows as aligned columns under their headings. Where they are wider than `width` (characters), the widest columns are made
 * narrower and their cells wrapped between words.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const all = [headings, ...rows];
  const natural = headings.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)));
  const widths = fitted(natural, width - GAP.length * (headings.length - 1));
  return all.flatMap(row => linesOf(row, widths)).join('\n');
}

const GAP = '  ';
const NARROWEST = 12;

/** Takes from the widest column, a character at a time, until all fit or none can give. */
function fitted(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let sum = widths.reduce((total, each) => total + each, 0);
  while (sum > room) {
    const widest = widths.indexOf(Math.max(...widths));
    const current = widths[widest] ?? 0;
    if (current <= NARROWEST) break;
    widths[widest] = current - 1;
    sum -= 1;
  }
  return widths;
}

function linesOf(row: readonly string[], widths: readonly number[]): string[] {
  const cells = widths.map((width, column) => wrap(row[column] ?? '', width));
  const height = Math.max(...cells.map(lines => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, column) => (lines[line] ?? '').padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** Breaks text between words into lines of at most `width` characters; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
