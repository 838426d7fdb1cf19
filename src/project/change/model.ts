/** What planning a change speaks of: what is asked for, one file from all sides, and what becomes of it. */
import type { Answers } from '../../journey/options.ts';
import type { PackedLayer } from '../../plan/layers.ts';
import type { Plan, PlannedFile } from '../../plan/plan.ts';
import type { Manifest, ManifestFile, OwnersPlace } from '../manifest.ts';
import type { ConflictMode } from '../merge/sides.ts';
import type { FileWrite } from '../transaction/journal.ts';
import type { OwnedFile } from './read-owned.ts';

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

/** What the climbed stages rename, and what the owner's files need where they go. */
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
  readonly found: OwnedFile;
  /** Where it belongs. */
  readonly target: string;
  readonly generated?: PlannedFile;
  /** The owner's file as it is to be merged, if that is not quite as it is found. */
  readonly mine?: Buffer;
  readonly notes?: readonly string[];
}

export type FileStatus =
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
  readonly status: FileStatus;
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
  readonly place?: OwnersPlace;
}

/** A name that .env has as it was generated before, where the generator now has something else. */
export interface DifferingSetting {
  readonly name: string;
  /** Left out, as `needs` is, where the name or the value looks like a secret. */
  readonly has?: string;
  readonly needs?: string;
}

export interface EnvChange {
  /** The names that are added to .env. */
  readonly added: readonly string[];
  readonly differing: readonly DifferingSetting[];
  /** Why it is left alone, as `it is a symbolic link`; absent where there was nothing to do. */
  readonly skipped?: string;
  /** What it lacks then, as far as it can be read. */
  readonly lacks?: readonly string[];
}

export interface ChangePlan {
  /** Every file that is or was generated, and those of the owner's that go along; sorted by path. */
  readonly files: readonly FileOutcome[];
  /** What becomes of the owner's .env, which is none of the files. */
  readonly env: EnvChange;
  /** Services that compose.yaml loses, whose containers may still run. */
  readonly replacedServices: readonly string[];
  /** In the order in which they are to be made, the manifest near the end. Empty: nothing is to be done. */
  readonly writes: readonly FileWrite[];
}
