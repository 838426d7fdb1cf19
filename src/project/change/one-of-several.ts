/** The one program of a stage.yaml becomes one of several: all that is said of it comes to stand under its name. */
import { parseYaml } from '../merge/yaml-tree.ts';

/** The text as it was, where it has several programs already, has them between brackets, or is not to be understood. */
export function asOneOfSeveral(text: string, name: string): string {
  const program = programIn(text);
  if (program?.entries?.get('start')?.leaf === undefined || program.column === undefined) return text;
  const { from, to, column } = program;
  const firstLine = text.indexOf('\n', from) + 1;
  const indent = ' '.repeat(column);
  const body = text.slice(firstLine, to).replaceAll(/^(?=.*\S)/gm, indent);
  return `${text.slice(0, firstLine)}${indent}${name}:\n${body}${text.slice(to)}`;
}

/** The names of the programs that a stage.yaml has by name. */
export function programNamesIn(text: string): readonly string[] {
  const entries = [...(programIn(text)?.entries ?? [])];
  return entries.every(([, { entries: facts }]) => facts) ? entries.map(([name]) => name) : [];
}

function programIn(text: string) {
  try {
    return parseYaml(text).entries?.get('program');
  } catch {
    return undefined;
  }
}
