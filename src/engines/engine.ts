/** What an engine is: the one way in which everything else runs a generated project, whatever runs it underneath. */
import type { Blueprint } from '../blueprint/blueprint.ts';

export type EngineName = 'docker' | 'native';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it went over the wire: headers, an empty line, the body. */
  readonly raw: string;
}

export interface Project {
  /** The generated project's folder. */
  readonly directory: string;
  readonly blueprint: Blueprint;
  /** Progress in words, for a person. */
  readonly onProgress: (line: string) => void;
  /** Ends the work early: everything is taken down, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface UpOptions extends Project {
  /** Called when everything is built and the first process is about to start. */
  readonly onBuilt?: () => void;
  /** Every line that a node prints, as it comes. Absent: only kept. */
  readonly onLog?: (node: string, copy: number, line: string) => void;
  /** Where the front door listens; absent: free ports on loopback. */
  readonly frontDoor?: { readonly port: number; readonly redirectPort?: number };
  /** Environment on top of the blueprint's, by node: how a guarantee shortens a deadline. */
  readonly extraEnv?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /**
   * The project's own secrets, and the data that it had the last time where the engine keeps any (`fresh`: an empty database).
   * Absent: all of it new, and gone afterwards.
   */
  readonly lasting?: { readonly fresh: boolean };
}

/** A copy of a node that has ended, and what it printed last. */
export interface PartEnd {
  readonly node: string;
  readonly copy: number;
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly logTail: readonly string[];
}

/** A project that runs. Copies are counted from 0; a node with one copy has copy 0. */
export interface Running {
  readonly engine: EngineName;
  readonly blueprint: Blueprint;
  /** Where the front door answers, from this machine. */
  readonly frontDoor: Endpoint & { readonly scheme: 'http' | 'https'; readonly redirectPort?: number };
  /** The certificate (PEM) that the front door shows, to be trusted by clients; undefined over plain HTTP. */
  readonly certificate: string | undefined;
  /** Where one copy of a node answers directly, or undefined where the engine keeps it out of reach. */
  address(node: string, copy?: number): Endpoint | undefined;
  /** The ports of this machine that lead to a copy: those that could be open to other machines too. */
  published(node: string, copy?: number): readonly Endpoint[];
  /** SIGKILL, at once; the copy stays down until `start`. */
  kill(node: string, copy?: number): Promise<void>;
  /** SIGTERM, without waiting; `exited` tells what came of it. */
  terminate(node: string, copy?: number): Promise<void>;
  /** Resolves when the copy has ended: its exit code, or null if a signal ended it. Rejects after `withinMs`. */
  exited(node: string, copy: number, withinMs: number): Promise<number | null>;
  /** Resolves when the first of the copies that now run ends, for whatever reason; jobs do not count. */
  firstEnd(): Promise<PartEnd>;
  /** Starts a copy that is down and waits until it is healthy. */
  start(node: string, copy?: number): Promise<void>;
  /** Kills and starts again; for PostgreSQL a crash (`immediate`), with recovery. */
  restart(node: string, copy?: number): Promise<void>;
  /** SIGSTOP: hung, with its port still open. */
  pause(node: string, copy?: number): Promise<void>;
  resume(node: string, copy?: number): Promise<void>;
  /** Has nginx read its configuration and its certificate anew (SIGHUP). */
  reload(node: string): Promise<void>;
  /** Runs so many copies of a program from now on; absent where the engine has a fixed number. */
  scale?(node: string, copies: number): Promise<void>;
  /** What the owner's own run of this project still has, though the project has it no longer; absent where no such thing is. */
  leftOver?(): Promise<readonly string[]>;
  /** What the node printed so far, oldest line first; all copies where none is named. */
  logs(node: string, copy?: number): Promise<readonly string[]>;
  /** Process ids as the host sees them (a copy that is down has none). */
  pid(node: string, copy?: number): Promise<number | undefined>;
  /**
   * Runs SQL in one database. `as` is `admin` (superuser), `owner` or `app` (the roles of that database), or any role by name
   * with its secret. @throws the driver's error, with its SQLSTATE in `code`.
   */
  sql<Row = Record<string, unknown>>(
    database: string,
    text: string,
    options?: { values?: readonly unknown[]; as?: 'admin' | 'owner' | 'app' },
  ): Promise<Row[]>;
  /** The value of one of the run's secrets. */
  secret(name: string): Promise<string>;
  /** Puts another text in a secret's place, in the file that the nodes see. */
  replaceSecret(name: string, text: string): Promise<void>;
  /** What the SMTP server has received so far. */
  mails(): Promise<readonly Mail[]>;
  /** Empties the mailbox: thousands of mails are more than whoever reads it has memory for. */
  forgetMails(): Promise<void>;
  /** Ends every process and removes every file of this run. May be called twice. */
  down(): Promise<void>;
}

export interface Availability {
  readonly available: boolean;
  /** Why not, naming what is missing. */
  readonly reason?: string;
  /** The command that mends it. */
  readonly hint?: string;
}

export interface Engine {
  readonly name: EngineName;
  /** Whether this machine has what the blueprint needs, and its project in `directory`, if one is named. Never throws. */
  available(blueprint: Blueprint, directory?: string): Promise<Availability>;
  /**
   * Gets a project ready, as far as starting it does not.
   * @throws UsageError if its dependencies are not installed; Failure if it does not compile
   */
  prepare?(project: Project): Promise<void>;
  /** Starts everything and waits until the front door answers. @throws EngineError, after taking down what it had started. */
  up(options: UpOptions): Promise<Running>;
}
