import type { ProgramNode } from '../../blueprint/blueprint.ts';

/** The file that a program is started from, relative to its folder; undefined where Node does not start it, or from no file that is named. */
export function startedFile({ start }: Pick<ProgramNode, 'start'>): string | undefined {
  return start[0] === 'node' ? start.find(word => /\.[cm]?[jt]s$/.test(word)) : undefined;
}
