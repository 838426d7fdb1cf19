/** Changes to JSON that leave every other byte as it is. */
import type { Change } from './three-way.ts';
import { type Edit, grouped, type Node } from './tree.ts';

interface Style {
  readonly yours: string;
  readonly generated: string;
  /** One step of indentation: in yours, and in generated. */
  readonly unit: string;
  readonly newUnit: string;
  /** `:` where yours is written without spaces. */
  readonly colon: ':' | ': ';
}

/** @returns what turns yours into the merged file */
export function jsonEdits(yours: string, generated: string, changes: readonly Change[]): Edit[] {
  const colon = /":\S/.test(yours) ? ':' : ': ';
  const style: Style = { yours, generated, unit: unitOf(yours), newUnit: unitOf(generated), colon };
  const sets = changes.filter(change => change.kind === 'set');
  const edits = sets.map(({ yours: { start, end, keyStart }, node }): Edit => {
    return { start, end, text: written(node, lineIndent(yours, keyStart), style) };
  });
  const others = changes.filter(change => change.kind !== 'set');
  const byParent = grouped(others, change => (change.kind === 'items' ? change.yours : change.parent));
  return edits.concat(...[...byParent].map(([parent, ofIt]) => memberEdits(parent, ofIt, style)));
}

/** Comments in a part of JSON. */
export function commentsIn(text: string): readonly string[] {
  return (text.match(/"(?:[^"\\]|\\.)*"|\/\/.*|\/\*[\s\S]*?\*\//g) ?? []).filter(found =>
    found.startsWith('/'),
  );
}

/** A member as it is to be: one that is there, or the text of a new one and its place. */
type Member = { readonly old: Node } | { readonly at: number; readonly text: string };

/** What happens to the members of one object or list of yours, with the commas that this takes. */
function memberEdits(parent: Node, changes: readonly Change[], style: Style): Edit[] {
  const old = parent.entries ? [...parent.entries] : (parent.items ?? []).map(item => ['', item] as const);
  const separator = separatorOf(parent, old[0]?.[1], old[1]?.[1], style);
  if (old.length === 0) return [filled(parent, changes, separator, style)];
  const adds = grouped(changes, change => (change.kind === 'add' ? change.after : undefined));
  const gone = new Set(changes.flatMap(takenOut));
  const edits: Edit[] = [];
  const members: Member[] = [];
  let at = old[0]?.[1].from ?? 0;
  const add = (after: string | undefined) => {
    for (const change of adds.get(after) ?? [])
      if (change.kind === 'add')
        for (const text of textsOf(change, separator, style)) members.push({ at, text });
  };
  add(undefined);
  for (const [key, node] of old) {
    at = node.to;
    if (gone.has(node)) edits.push({ start: node.from, end: at, text: '' });
    else members.push({ old: node });
    if (parent.entries) add(key);
  }
  const items = changes.filter(change => change.kind === 'items');
  for (const text of items.flatMap(change => textsOf(change, separator, style))) members.push({ at, text });
  return edits.concat(commaEdits(members, old.at(-1)?.[1].comma !== undefined, separator));
}

const takenOut = (change: Change): readonly Node[] =>
  change.kind === 'remove' ? [change.yours] : change.kind === 'items' ? change.removed : [];

/** The first edit of a place wins it, so a comma comes before the member that follows it. */
function commaEdits(members: readonly Member[], trailingComma: boolean, separator: string): Edit[] {
  return members.flatMap((member, i): Edit[] => {
    const comma = trailingComma || i < members.length - 1 ? ',' : '';
    if ('text' in member)
      return [{ start: member.at, end: member.at, text: separator + member.text + comma }];
    const at = member.old.comma;
    if (at === undefined) return comma ? [{ start: member.old.end, end: member.old.end, text: comma }] : [];
    return comma ? [] : [{ start: at, end: at + 1, text: '' }];
  });
}

/** Into `{}`, behind its comments if it has any. */
function filled(parent: Node, changes: readonly Change[], separator: string, style: Style): Edit {
  const texts = changes.flatMap(change => textsOf(change, separator, style));
  const start = parent.start + 1 + style.yours.slice(parent.start + 1, parent.end - 1).trimEnd().length;
  const close = separator.includes('\n') ? `\n${lineIndent(style.yours, parent.keyStart)}` : '';
  return { start, end: parent.end - 1, text: texts.map(text => separator + text).join(',') + close };
}

/** What stands before a member: a line break and its indentation, or what divides members in one line. */
function separatorOf(parent: Node, first: Node | undefined, second: Node | undefined, style: Style): string {
  const { yours, unit, colon } = style;
  const before = first && yours.slice(parent.start + 1, first.keyStart);
  if (before?.includes('\n') && first) return `\n${lineIndent(yours, first.keyStart)}`;
  if (!first) {
    const inLines = parent.entries && yours.trim().includes('\n');
    return inLines ? `\n${lineIndent(yours, parent.keyStart)}${unit}` : '';
  }
  if (colon === ':') return '';
  return second ? (/\s*$/.exec(yours.slice(second.from, second.keyStart))?.[0] ?? '') : ' ';
}

/** The new members that a change brings. */
function textsOf(change: Change, separator: string, style: Style): string[] {
  const indent = separator.slice(separator.lastIndexOf('\n') + 1);
  const fitted = (text: string) => (separator.includes('\n') ? text : text.replace(/\n\s*/g, ' '));
  if (change.kind === 'items') return change.added.map(node => fitted(written(node, indent, style)));
  if (change.kind !== 'add') return [];
  return [fitted(`${JSON.stringify(change.key)}${style.colon}${valueText(change, indent, style)}`)];
}

function valueText({ node, only }: Extract<Change, { kind: 'add' }>, indent: string, style: Style): string {
  if (!only) return written(node, indent, style);
  const deeper = indent + style.unit;
  const taken = [...(node.entries ?? [])].filter(([key]) => only.has(key));
  const lines = taken.map(
    ([key, value]) => `\n${deeper}${JSON.stringify(key)}: ${written(value, deeper, style)}`,
  );
  return `{${lines}\n${indent}}`;
}

/** A value of generated with the indentation of yours. */
function written(node: Node, indent: string, { generated, unit, newUnit }: Style): string {
  const from = lineIndent(generated, node.keyStart).length;
  return generated.slice(node.start, node.end).replace(/\n([ \t]*)/g, (_, { length }: string) => {
    return `\n${indent}${unit.repeat(Math.max(0, (length - from) / newUnit.length))}`;
  });
}

/** The white space that starts the line of this place. */
function lineIndent(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))?.[0] ?? '';
}

/** One step of indentation, as the first line that has one shows it. */
const unitOf = (text: string) => /^[ \t]+(?=["\w])/m.exec(text)?.[0] ?? '  ';
