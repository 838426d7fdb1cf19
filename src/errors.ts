/** Every way in which the tool ends early: one class for each, which carries its own exit code and its own words. */

export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

/** How many of the last lines that a process printed explain its failure. */
export const LOG_TAIL = 20;

export interface ErrorDetails {
  /** The way out, as one sentence or command. */
  readonly hint?: string | undefined;
  /** What is known all the same, for the envelope. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** The last lines that explain it, oldest first. */
  readonly logTail?: readonly string[];
  readonly cause?: unknown;
}

/** An error with words for a person. The tool ends with its exit code and shows no stack. */
export abstract class ToolError extends Error {
  abstract readonly exitCode: number;
  /** Stable, for scripts. */
  abstract readonly code: string;
  readonly hint: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly logTail: readonly string[];
  constructor(message: string, { hint, body = {}, logTail = [], cause }: ErrorDetails = {}) {
    super(message, { cause });
    this.hint = hint;
    this.body = body;
    this.logTail = logTail;
  }
}

/** Something that the person can mend by typing something else. Nothing has been changed. */
export class UsageError extends ToolError {
  override readonly name = 'UsageError';
  readonly exitCode = EXIT.usage;
  readonly code = 'usage';
  constructor(message: string, hint?: string) {
    super(message, { hint });
  }
}

/** The project's records cannot be relied on. */
export class Damaged extends UsageError {}

/** The person, or a signal, ended it. */
export class Cancelled extends ToolError {
  override readonly name = 'Cancelled';
  readonly exitCode = EXIT.cancelled;
  readonly code = 'cancelled';
  constructor(message = 'nothing half-done was left behind') {
    super(message);
  }
}

/** It ran and something failed. */
export class Failure extends ToolError {
  override readonly name = 'Failure';
  readonly exitCode = EXIT.failed;
  readonly code: string;
  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.code = code;
  }
}

/** An engine could not do what was asked. */
export class EngineError extends ToolError {
  override readonly name = 'EngineError';
  readonly exitCode = EXIT.failed;
  readonly code = 'engine';
  /** Whose lack it is, unless it is the project's: nothing can then be said of the project. */
  readonly lacks: 'machine' | undefined;
  constructor(message: string, details: ErrorDetails & { readonly lacks?: 'machine' } = {}) {
    super(message, details);
    this.lacks = details.lacks;
  }
}

/** The port was taken between its choice and its use. A new run, with new ports, mends it. */
export class PortTaken extends EngineError {}

/** The code that the system or a library gave an error, such as `ENOENT`; empty without one. */
export function codeOf(error: unknown): string {
  const hasCode = error instanceof Error && !(error instanceof ToolError) && 'code' in error;
  return hasCode ? String(error.code) : '';
}

/** What an error says, in words that are never empty. Of several errors in one, the first speaks. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error.message || codeOf(error) || error.name;
}
