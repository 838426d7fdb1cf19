/** What of a text's form is its owner's and is left out of a merge: byte order mark, line endings, final newline. */
import { isUtf8 } from 'node:buffer';
import { pairsBetween } from './line-diff.ts';
import type { Sides } from './sides.ts';

const BOM = '\uFEFF';

/** With LF and without BOM; undefined for what no editor of texts wrote: not UTF-8, or with NUL as UTF-16 has it. */
export function plainText(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes) || bytes.includes(0)) return undefined;
  const text = bytes.toString('utf8');
  return (text.startsWith(BOM) ? text.slice(1) : text).replaceAll('\r\n', '\n');
}

/** Plain text as its owner would have it: the BOM and the line endings of `owned`. Where those are mixed, each line keeps its own. */
export function inShapeOf(owned: Buffer, text: string): Buffer {
  const raw = owned.toString('utf8');
  const endings = raw.match(/\r?\n/g) ?? [];
  const crlf = endings.filter(ending => ending !== '\n').length;
  const usual = crlf * 2 > endings.length ? '\r\n' : '\n';
  const lines = text.split('\n');
  const own = new Map<number, string | undefined>();
  if (crlf && crlf < endings.length)
    for (const [from, to] of pairsBetween(raw.replace(BOM, '').split(/\r?\n/), lines) ?? [])
      own.set(to, endings[from]);
  const last = lines.length - 1;
  const ended = lines.map((line, at) => (at < last ? line + (own.get(at) ?? usual) : line));
  return Buffer.from((raw.startsWith(BOM) ? BOM : '') + ended.join(''));
}

/** Without the final newline, which is no part of the last line. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

export function textOf(lines: readonly string[], finalNewline: boolean): string {
  return lines.length ? lines.join('\n') + (finalNewline ? '\n' : '') : '';
}

/** Whether the merged file ends with a newline: as yours does, unless only the generator changed that. */
export function finalNewline({ base, yours, generated }: Sides<string>): boolean {
  const [own, generator] = [ends(yours), ends(generated)];
  return base !== undefined && ends(base) === own ? generator : own;
}

function ends(text: string): boolean {
  return text === '' || text.endsWith('\n');
}
