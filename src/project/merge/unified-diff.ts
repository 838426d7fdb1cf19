/** Differences as people and `git apply` read them. */
import { hunksBetween } from './line-diff.ts';

/** Lines around a change that are shown with it, as git does. */
const CONTEXT = 3;

/**
 * A unified diff of two texts.
 * @param before undefined: the file is new @param after undefined: the file is gone
 */
export function unifiedDiff(
  from: string,
  to: string,
  before: string | undefined,
  after: string | undefined,
): string {
  const head = `--- ${before === undefined ? '/dev/null' : from}\n+++ ${after === undefined ? '/dev/null' : to}\n`;
  const [old, now] = [linesOf(before ?? ''), linesOf(after ?? '')];
  const hunks = hunksBetween(old, now);
  if (!hunks) return `${head}(too different to show)\n`;
  const groups: (typeof hunks)[] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1);
    if (last && hunk.start - (last.at(-1)?.end ?? 0) <= 2 * CONTEXT) last.push(hunk);
    else groups.push([hunk]);
  }
  return head + groups.map(group => section(group, old, now)).join('');
}

/** With their newlines, so that a missing last one is a difference. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

type Hunks = NonNullable<ReturnType<typeof hunksBetween>>;

function section(group: Hunks, old: readonly string[], now: readonly string[]): string {
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) return '';
  const lead = Math.min(CONTEXT, first.start);
  const trail = Math.min(CONTEXT, old.length - last.end);
  const [start, end] = [first.start - lead, last.end + trail];
  const [toStart, toEnd] = [first.toStart - lead, last.toEnd + trail];
  let text = `@@ -${range(start, end)} +${range(toStart, toEnd)} @@\n`;
  let at = start;
  for (const hunk of group) {
    text += marked(' ', old.slice(at, hunk.start));
    text += marked('-', old.slice(hunk.start, hunk.end)) + marked('+', now.slice(hunk.toStart, hunk.toEnd));
    at = hunk.end;
  }
  return text + marked(' ', old.slice(at, end));
}

/** First line, counted from 1 (from 0 where there is none), and how many. */
function range(start: number, end: number): string {
  return `${end === start ? start : start + 1},${end - start}`;
}

function marked(mark: string, lines: readonly string[]): string {
  return lines
    .map(line => `${mark}${line}${line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`)
    .join('');
}
