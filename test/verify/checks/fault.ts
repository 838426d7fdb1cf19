/** Faults that are put into a project to see whether `verify` notices: plain data, in `<stage>/NAME.fault.ts` beside the check's name. */
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
  /** The same fault in the program that is not ours, where `patches` change the shop's own code. */
  readonly foreign?: readonly Patch[];
  /** Answers other than the stage's defaults. */
  readonly answers?: GivenAnswers;
  /** Only this engine can show it; absent: native. */
  readonly engine?: 'docker';
}
