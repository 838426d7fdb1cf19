/** `stage.yaml`: what the tool has to know of a backend, in its owner's words. These are its facts as they are read. */

/** Where it lies in a project. */
export const STAGE_FILE = 'stage.yaml';

export interface StageFile {
  /** By name. A program that the file does not name, as it has only one, is under the name that its reader was given. */
  readonly programs: Readonly<Record<string, ProgramFacts>>;
  readonly probes: ProbeFacts;
  readonly database?: { readonly lock?: string; readonly counts?: string };
  readonly notPromised: readonly { readonly guarantee: string; readonly because: string }[];
}

export interface ProgramFacts {
  /** Commands as they are written; `wordsOf` takes them apart. */
  readonly build?: string;
  readonly start: string;
  readonly port: number;
  readonly live?: string;
  readonly ready: string;
}

/** What goes out as JSON. An object with no key but `secret` stands for the text of a file in `secrets/`. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface ProbeFacts {
  readonly read?: ReadProbe;
  readonly write?: WriteProbe;
  readonly logins: Readonly<Record<string, LoginProbe>>;
}

export interface ReadProbe {
  readonly get: string;
  readonly status: readonly number[];
}

export interface WriteProbe {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  /** Which login; left out: none is needed. */
  readonly as?: string;
  readonly body?: Json;
  readonly status: readonly number[];
  /** A header by which a repeated request finds the first one's effect; left out: not promised. */
  readonly key?: string;
  /** Where the written thing is read again: a path, `{location}`, or a path with `{body.id}` in it. */
  readonly readBack?: string;
  /** Polled until it says so; left out: it is settled at once. */
  readonly settles?: { readonly field: string; readonly to: readonly string[] };
  /** With that program down the write is accepted all the same, ends so, and `restores` is a number that is then as it was before. */
  readonly without?: {
    readonly program: string;
    readonly to: readonly string[];
    readonly restores?: { readonly get: string; readonly field: string };
    /** Environment that makes it end so sooner, for the time of a verification. */
    readonly hurry?: Readonly<Record<string, string>>;
  };
  /** A path whose answer to the writer holds the id of what was written, a little later, and to nobody else. */
  readonly foundBy?: string;
  /** A program mails about each write that has settled, with its id; `reads` is a table that it reads for each of them. */
  readonly mails?: { readonly program: string; readonly to: string; readonly reads: string };
}

/** It has either `cookie` or `bearer`. */
export interface LoginProbe {
  readonly path: string;
  readonly body?: Json;
  readonly status: readonly number[];
  /** The cookie's name. */
  readonly cookie?: string;
  /** Where in the answer the token is, such as `body.token`. */
  readonly bearer?: string;
}
