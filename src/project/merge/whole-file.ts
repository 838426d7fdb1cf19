/** A merge of structured files that gives up: one side stays whole, the other lies beside it. */
import type { ConflictMode, Labels, Merged, Sides } from './sides.ts';

export interface MergeOptions {
  readonly mode: ConflictMode;
  readonly labels: Labels;
}

/** The side that needs no merge, or undefined where both sides changed the file, each in its own way. */
export function settled({ base, yours, generated }: Sides<string>): Merged<string> | undefined {
  if (yours === generated || base === generated) return { content: yours, conflicts: [], notes: [] };
  return base === yours ? { content: generated, conflicts: [], notes: [] } : undefined;
}

/** Nothing is merged: `ours` and `theirs` decide which side the file becomes, and the others keep yours. */
export function wholeFileConflict<Content>(
  sides: Sides<Content>,
  mode: ConflictMode,
  why: string,
): Merged<Content> {
  const conflicts = [why];
  if (mode === 'ours') return { content: sides.yours, conflicts, notes: [] };
  return mode === 'theirs'
    ? {
        content: sides.generated,
        conflicts,
        notes: [],
        sidecar: { of: 'yours', content: sides.yours },
      }
    : {
        content: sides.yours,
        conflicts,
        notes: [],
        sidecar: { of: 'generated', content: sides.generated },
      };
}

/** What a merge by key has come to: where there are conflicts, its content holds the side that the mode settles them for. */
export function keyedMerge(sides: Sides<string>, mode: ConflictMode, merged: Merged<string>): Merged<string> {
  const { conflicts } = merged;
  if (conflicts.length === 0 || mode === 'ours') return merged;
  const whole = wholeFileConflict(sides, mode, '');
  return mode === 'sidecar' ? { ...whole, conflicts } : { ...whole, ...merged };
}
