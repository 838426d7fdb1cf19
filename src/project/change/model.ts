/** What planning a change works on: the request, one file from all sides, and what becomes of it. */
import type { Answers } from '../../journey/options.ts';
import type { PackedLayer } from '../../plan/layers.ts';
import type { Plan, PlannedFile } from '../../plan/plan.ts';
import type { Manifest, ManifestFile, Place } from '../manifest.ts';
import type { ConflictMode } from '../merge/sides.ts';
import type { FileWrite } from '../transaction/journal.ts';
import type { Found } from './look.ts';

export interface ChangeRequest {
  /** Absolute. */
  readonly directory: string;
  /** As it was generated. */
  readonly manifest: Manifest;
  /** As it is to be. */
  readonly answers: Answers;
  readonly plan: Plan;
  readonly version: string;
  /** Where the stages that are climbed take a generated file; undefined where they drop it. */
  readonly grownPath: (path: string) => string | undefined;
  /** Where they take a file that its owner has added. */
  readonly grownOwnPath: (path: string) => string;
  readonly follow: FollowRules;
  /** The files as the same version generated them from the same answers, should a baseline be gone. */
  readonly generatedAgain: () => Promise<ReadonlyMap<string, Buffer>>;
  /** One file as each stage up to the one wanted generates it, first stage first; stages without it are left out. */
  readonly generatedAt: (
    path: string,
  ) => Promise<readonly { readonly stage: string; readonly bytes: Buffer }[]>;
  readonly command: 'grow' | 'regenerate';
  readonly mode: ConflictMode;
}

/** What the stages that are climbed say of it. */
export interface FollowRules {
  /** Compose services that get another name. */
  readonly services: PackedLayer['services'];
  /** Folders that become programs of their own. */
  readonly splits: PackedLayer['splits'];
  /** The package.json whose program gets the owner's own files, and so needs what they import. */
  readonly dependencies: string | undefined;
}

/** One file, from all sides. */
export interface Subject {
  /** As it was generated, if it was. */
  readonly before?: { readonly path: string; readonly entry: ManifestFile; readonly bytes?: Buffer };
  /** Where its owner has it, or would have it. */
  readonly at: string;
  readonly found: Found;
  /** Where it belongs. */
  readonly target: string;
  readonly generated?: PlannedFile;
  /** The owner's file as it is to be merged, if that is not quite as it is found. */
  readonly mine?: Buffer;
  readonly notes?: readonly string[];
}

export type Status =
  | 'added'
  | 'updated'
  | 'merged'
  | 'moved'
  | 'removed'
  | 'unchanged'
  /** Edited by its owner; there is nothing new to bring in, or it is the same. */
  | 'yours'
  /** Edited by its owner; the generator has no such file any more. */
  | 'kept'
  | 'deleted-by-you'
  | 'conflict';

/** What becomes of one file. */
export interface FileOutcome {
  /** Where it is afterwards. */
  readonly path: string;
  readonly status: Status;
  /** Where it was, if it is moved. */
  readonly from?: string;
  /** What is in conflict, in words that are found in the file. */
  readonly conflicts?: readonly string[];
  /** Written beside it: the other side of a conflict. */
  readonly sidecar?: string;
  readonly notes?: readonly string[];
}

/** What becomes of a subject, with what has to be written for it. */
export interface Result {
  readonly subject: Subject;
  readonly outcome: FileOutcome;
  readonly writes: readonly FileWrite[];
  readonly place?: Place;
}
