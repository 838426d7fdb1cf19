/** What becomes of a file: one table for everything that its owner and the generator can have done to it. */

/** What is there, as against what was generated before. */
export type Yours =
  /** Never generated, and nothing is there. */
  | 'absent'
  /** Never generated, and there all the same. */
  | 'own'
  | 'untouched'
  | 'edited'
  | 'deleted'
  /** Something that is no file: a folder, a symbolic link, or what lies behind one. */
  | 'blocked';

/** What is generated now, as against what was generated before. */
export type Generated = 'same' | 'changed' | 'dropped';

export type Action =
  /** Write the generated one. */
  | 'add'
  | 'update'
  /** Bring both together; where that is not possible, it is a conflict. */
  | 'merge'
  /** Remove it: nothing in it is its owner's. */
  | 'remove'
  /** It is as it should be. */
  | 'leave'
  /** It is its owner's now: the generator has no such file any more. */
  | 'keep'
  /** Its owner deleted it: it stays away, unless what is generated now needs it. */
  | 'stay-deleted'
  /** Nothing can be written there: the generated one goes beside it. */
  | 'offer';

export const DECISIONS: Readonly<Record<Yours, Readonly<Record<Generated, Action>>>> = {
  //           generated: same               changed                 dropped
  absent: /*    */ { same: 'add', /*       */ changed: 'add', /*    */ dropped: 'leave' },
  own: /*       */ { same: 'merge', /*     */ changed: 'merge', /*  */ dropped: 'keep' },
  untouched: /* */ { same: 'leave', /*     */ changed: 'update', /* */ dropped: 'remove' },
  edited: /*    */ { same: 'leave', /*     */ changed: 'merge', /*  */ dropped: 'keep' },
  deleted: /*   */ { same: 'stay-deleted', changed: 'stay-deleted', /**/ dropped: 'leave' },
  blocked: /*   */ { same: 'leave', /*     */ changed: 'offer', /*  */ dropped: 'keep' },
};
