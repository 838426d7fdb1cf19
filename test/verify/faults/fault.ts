/** Faults that are put into a generated project to see whether `verify` notices: plain data, one list a stage. */
import type { GivenAnswers } from '../../../src/journey/options.ts';

/** One change of one file. `find` must be there: a fault that is not planted proves nothing. */
export interface Patch {
  readonly file: string;
  readonly find: string | RegExp;
  readonly replace: string;
}

export interface Fault {
  /** What is wrong now, in a few words. */
  readonly title: string;
  /** The guarantees that this breaks. Each must be told broken. */
  readonly breaks: readonly string[];
  /** What the first one's detail must say: broken for this reason, and not by accident. */
  readonly because: RegExp;
  readonly patches: readonly Patch[];
  /** Answers other than the stage's defaults. */
  readonly answers?: GivenAnswers;
}
