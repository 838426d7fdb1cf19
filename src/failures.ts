/** The ways in which a command ends early, beside `UsageError`. */

/** The person, or a signal, ended it: exit code 130. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  constructor(message = 'nothing half-done was left behind') {
    super(message);
  }
}

/** It ran and something failed: exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** Stable, for scripts. */
  readonly code: string;
  readonly hint: string | undefined;
  /** What is known all the same, for the envelope. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly logTail: readonly string[];
  constructor(
    code: string,
    message: string,
    details: {
      hint?: string;
      body?: Readonly<Record<string, unknown>>;
      logTail?: readonly string[];
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.body = details.body ?? {};
    this.logTail = details.logTail ?? [];
  }
}
