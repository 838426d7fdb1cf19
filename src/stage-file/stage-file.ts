/** `stage.yaml` as data: what the tool has to know of a backend. docs/stage-file.md explains it to its owner. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface StageFile {
  /** By the program's name; a single program is under the blueprint's own name for it. */
  readonly programs: Readonly<Record<string, ProgramFacts>>;
  readonly probes: Probes;
  readonly database?: { readonly lock?: string; readonly counts?: string };
  readonly notPromised: readonly { readonly guarantee: string; readonly because: string }[];
}

export interface ProgramFacts {
  readonly build?: string;
  readonly start: string;
  readonly port: number;
  readonly live?: string;
  readonly ready: string;
}

/** How the program is asked. */
export interface Probes {
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
  /** The login that it needs; absent: none. */
  readonly as?: string;
  readonly body?: Json;
  readonly status: readonly number[];
  /** A header by which a repeated request finds the first one's effect. */
  readonly key?: string;
  readonly readBack?: string;
  readonly settles?: { readonly field: string; readonly to: readonly string[] };
  /** With that program down the write is still accepted, and ends in one of these states; a number is then as it was before. */
  readonly without?: {
    readonly program: string;
    readonly to: readonly string[];
    readonly restores?: { readonly get: string; readonly field: string };
  };
  /** A path whose answer holds the id of what was written, a little later, for its writer and nobody else. */
  readonly foundBy?: string;
  /** That program mails about each write that has settled; the mail holds its id. For each mail it reads that table. */
  readonly mails?: { readonly program: string; readonly to: string; readonly reads: string };
}

export interface LoginProbe {
  readonly path: string;
  readonly body?: Json;
  readonly status: readonly number[];
  /** Name of the cookie that carries the session; or */
  readonly cookie?: string;
  /** where the answer holds the token, such as `body.token`. */
  readonly bearer?: string;
}
