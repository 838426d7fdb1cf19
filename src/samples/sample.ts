/**
 * What a sample is: the programs that a project of it is made of, and what they need. Which boxes run around them, and how,
 * is the stage's: `src/pieces/` knows that.
 */
import type { DatabaseSpec, EnvEntry, SecretSpec } from '../blueprint/blueprint.ts';
import type { Answers } from '../journey/options.ts';
import type { SampleName } from '../journey/samples.ts';

export interface ProgramSpec {
  readonly name: string;
  /** The workspace that holds it, relative to the project: `.` or `services/NAME`. */
  readonly folder: string;
  readonly replicas: number;
  /** What one line of a diagram says about it. */
  readonly caption: string;
  /** Name of the database that it keeps its rows in, if it has one. */
  readonly database?: string;
  /** Connections that each of its processes may open, if there is a bound. */
  readonly pool?: PoolSpec;
  /**
   * Prefixes of the paths that the front door sends to it, such as `/things`; '' takes whatever no other program does. None:
   * only other programs talk to it.
   */
  readonly routes: readonly string[];
  /** In the order in which it is written. The program may read the secrets that it names, and no others. */
  readonly env: readonly EnvEntry[];
  /** What builds it, in words, run in the project's folder; empty where nothing has to be built. */
  readonly build: readonly string[];
  /** What starts it, in words, run in `folder`. */
  readonly start: readonly string[];
  /** Answers 200 when the program wants requests. */
  readonly healthPath: string;
  /** Answers 200 while the process is alive; absent where the program has no such path. */
  readonly livePath?: string;
}

export interface PoolSpec {
  readonly max: number;
  /** Connections that a process holds beside its pool. */
  readonly beside: number;
}

/** What brings a database up to date before the programs that use it start. */
export interface JobSpec {
  readonly name: string;
  readonly folder: string;
  /** Compiled entry file, relative to `folder`. */
  readonly entry: string;
  readonly database: string;
  /** What it reads besides the connection and the roles of its database. */
  readonly env: readonly EnvEntry[];
}

export interface Sample {
  readonly name: SampleName;
  /** Name of the program that gets whatever no other program takes. */
  mainProgram(answers: Answers): string;
  /** The main program first. */
  programs(answers: Answers): readonly ProgramSpec[];
  databases(answers: Answers): readonly DatabaseSpec[];
  jobs(answers: Answers): readonly JobSpec[];
  /** Secrets of its own, such as a password for a demonstration. Those of databases and of the front door are not among them. */
  secrets(answers: Answers): readonly SecretSpec[];
  /** Folders (ending in `/`) of programs that these answers leave out. */
  leftOut(answers: Answers): readonly string[];
  /** The keys by which its programs know each other. */
  keys(answers: Answers): readonly SecretSpec[];
}
