/** The three versions of a file that a merge knows, and what it makes of them. */

/** What to do where the owner and the generator changed the same thing. */
export const CONFLICT_MODES = ['inline', 'sidecar', 'ours', 'theirs'] as const;
export type ConflictMode = (typeof CONFLICT_MODES)[number];

export interface Sides<Content> {
  /** As generated before; undefined where the generator had no such file. */
  readonly base: Content | undefined;
  /** As the owner has it now. */
  readonly yours: Content;
  /** As generated now. */
  readonly generated: Content;
}

/** What conflict markers call the three sides. */
export interface Labels {
  readonly yours: string;
  readonly base: string;
  readonly generated: string;
}

export interface Merged<Content> {
  /** What the file becomes. It holds every line that its owner wrote, but for `theirs`, which keeps them in `sidecar`. */
  readonly content: Content;
  /** Where both changed the same thing, in words that a person finds in the file: `lines 12-15`, `scripts.start`. None: it merged. */
  readonly conflicts: readonly string[];
  /** What the file cannot hold, to be written beside it: the whole other side. */
  readonly sidecar?: { readonly of: 'yours' | 'generated'; readonly content: Content };
  /** What the owner should know although nothing is in conflict. */
  readonly notes: readonly string[];
}
