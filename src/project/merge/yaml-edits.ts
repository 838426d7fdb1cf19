/** Changes to YAML that leave every other byte as it is: whole lines in block style, single values where they stand. */
import type { Change } from './three-way.ts';
import type { Edit, Node } from './tree.ts';

interface Style {
  readonly yours: string;
  readonly generated: string;
  /** How wide one step of indentation is in yours. */
  readonly step: number;
  /** By how much indentation grows on the way from generated. */
  readonly scale: number;
}

type Kind<Name> = Extract<Change, { kind: Name }>;

/** A comment to the end of its line. What looks like one inside a string is not told apart. */
export const commentsIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:^|\s)(#.*)/g)].map(([, comment = '']) => comment.trimEnd());

/** Whether it can be replaced without a look at the lines around it. */
function isInline(text: string, { start, end, flow, entries, items }: Node): boolean {
  return (flow || !(entries || items)) && !text.slice(start, end).includes('\n');
}

/** What of yours goes when the value becomes the generated one, or goes with its key. */
export function lostRange(yours: string, generated: string) {
  return (node: Node, other?: Node) =>
    other && isInline(yours, node) && isInline(generated, other)
      ? node
      : { start: node.keyStart, end: node.to };
}

/**
 * All texts end in a newline. `scaled`: what is inserted is indented in steps as wide as those of yours.
 * @returns what turns yours into the merged file
 * @throws Error where a node stands in a way that this cannot change
 */
export function yamlEdits(
  base: string,
  [yours, root]: readonly [string, Node],
  [generated, newRoot]: readonly [string, Node],
  changes: readonly Change[],
  scaled: boolean,
): Edit[] {
  const step = stepOf(root);
  const style = { yours, generated, step, scale: scaled ? step / stepOf(newRoot) : 1 };
  const known = new Set(commentsIn(base));
  return changes.flatMap((change): Edit | Edit[] => {
    if (change.kind === 'add') return added(change, style);
    if (change.kind === 'set') return replaced(change, style);
    return change.kind === 'remove' ? removed(change.yours, yours, known) : itemEdits(change, style);
  });
}

/** Behind the key that it follows, or before the first one and its comments. */
function added({ parent, after, node, only }: Kind<'add'>, style: Style): Edit {
  const { entries, column } = parent;
  const first = entries?.values().next().value;
  if (column === undefined || !first) throw new Error('there is no place for a new key');
  const text = only ? sectionOf(node, only, column, style) : blockOf(node, column, style, true);
  const before = after === undefined ? undefined : entries?.get(after);
  if (before) return { start: before.to, end: before.to, text };
  const start = leadOf(style.yours, first, line => isComment(line, column));
  const gap = style.generated[node.to] === '\n' ? '\n' : '';
  return { start, end: start, text: text.replace(/^\n+/, '') + gap };
}

function replaced({ yours, node }: Kind<'set'>, style: Style): Edit {
  const { start, end, keyStart, from, to } = yours;
  if (isInline(style.yours, yours) && isInline(style.generated, node)) {
    const text = style.generated.slice(node.start, node.end);
    return { start, end, text: start === end && text ? ` ${text}` : text };
  }
  return { start: from, end: to, text: blockOf(node, keyStart - from, style, false) };
}

/** With its generated comments and a blank line above; what the owner wrote above it stays. */
function removed(node: Node, yours: string, known: ReadonlySet<string>): Edit {
  const column = node.keyStart - node.from;
  const above = leadOf(yours, node, line => isComment(line, column) && known.has(line.trim()));
  const start = yours.slice(0, above).endsWith('\n\n') ? above - 1 : above;
  return { start, end: node.to, text: '' };
}

function itemEdits({ yours: list, removed, added }: Kind<'items'>, style: Style): Edit[] {
  const { yours, generated } = style;
  const texts = added.map(({ start, end }) => generated.slice(start, end));
  if (texts.some(text => text.includes('\n'))) throw new Error('a new item has several lines');
  if (list.column !== undefined) {
    const last = list.items?.at(-1);
    const dash = last && yours.slice(last.from, last.start);
    const gone = removed.map(({ from, to }): Edit => ({ start: from, end: to, text: '' }));
    return last
      ? [...gone, { start: last.to, end: last.to, text: texts.map(text => `${dash}${text}\n`).join('') }]
      : gone;
  }
  const [, open = '', close = ''] = /^(\[ *)[^\n#]*?( *\])$/.exec(yours.slice(list.start, list.end)) ?? [];
  if (!open) throw new Error('a list stands in several lines');
  const kept = (list.items ?? []).filter(item => !removed.includes(item));
  const all = [...kept.map(({ start, end }) => yours.slice(start, end)), ...texts];
  return [{ start: list.start, end: list.end, text: `${open}${all.join(', ')}${close}` }];
}

/** A key of generated as lines of yours at this column, with the comments and blank lines above it if they are wanted. */
function blockOf(node: Node, column: number, style: Style, withLead: boolean): string {
  const { generated, scale } = style;
  const own = node.keyStart - node.from;
  // Between brackets, or behind a dash.
  if (node.from < 0 || /\S/.test(generated.slice(node.from, node.keyStart))) {
    const text = generated.slice(node.keyStart, node.end);
    if (text.includes('\n')) throw new Error('a new value stands in several lines between brackets');
    return `${' '.repeat(column)}${text}\n`;
  }
  const start = withLead ? leadOf(generated, node, line => line === '' || isComment(line, own)) : node.from;
  return generated.slice(start, node.to).replace(/^( *)(?=\S)/gm, ({ length }) => {
    return ' '.repeat(Math.max(0, column + (length - own) * scale));
  });
}

/** A section of which only these keys are taken. */
function sectionOf(node: Node, only: ReadonlySet<string>, column: number, style: Style): string {
  const taken = [...(node.entries ?? [])].filter(([key]) => only.has(key));
  const lines = taken.map(([, value]) => blockOf(value, column + style.step, style, true));
  const head = style.generated.slice(node.keyStart, node.start).trimEnd();
  return `\n${' '.repeat(column)}${head}\n${lines.join('').replace(/^\n+/, '')}`;
}

const isComment = (line: string, column: number) => line.search(/\S/) === column && line[column] === '#';

/** Where the lines above a member start that belong to it. */
function leadOf(text: string, { from }: Node, belongs: (line: string) => boolean): number {
  let start = from;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (!belongs(text.slice(above, start - 1))) break;
    start = above;
  }
  return start;
}

/** As the first key that is indented shows it. */
function stepOf({ entries }: Node): number {
  return [...(entries?.values() ?? [])].find(({ column }) => column)?.column ?? 2;
}
