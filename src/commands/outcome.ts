/** What a command ends with, and the exit code that it gets: decided here and nowhere else. */
import { Cancelled, Failure } from '../failures.ts';
import { UsageError } from '../journey/errors.ts';
import type { EnvelopeError } from '../ui/envelope.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

export interface CommandResult {
  /** Whether everything that was asked for went well: exit code 0, or 1. */
  readonly ok: boolean;
  /** The command's part of the JSON envelope. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What a person reads on stdout instead; none where everything was told on the way. */
  readonly text?: string;
  readonly error?: EnvelopeError;
}

export interface Ending {
  readonly exitCode: number;
  readonly error: EnvelopeError;
  readonly body: Readonly<Record<string, unknown>>;
  /** What a part of the project printed last, where that is what explains the failure. */
  readonly logTail: readonly string[];
}

/** Sorts any error into exit code and envelope. */
export function endingOf(error: unknown): Ending {
  const ending = (exitCode: number, code: string): Ending => ({
    exitCode,
    error: { code, ...messageAndHint(error) },
    body: error instanceof Failure ? error.body : {},
    logTail: logTailOf(error),
  });
  if (error instanceof UsageError) return ending(EXIT.usage, 'usage');
  if (error instanceof Cancelled) return ending(EXIT.cancelled, 'cancelled');
  if (error instanceof Failure) return ending(EXIT.failed, error.code);
  if (error instanceof Error && error.name === 'EngineError') return ending(EXIT.failed, 'engine');
  return ending(EXIT.failed, 'internal');
}

function messageAndHint(error: unknown): { message: string; hint?: string } {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Error && 'hint' in error ? error.hint : undefined;
  return typeof hint === 'string' ? { message, hint } : { message };
}

function logTailOf(error: unknown): readonly string[] {
  const tail = error instanceof Error && 'logTail' in error ? error.logTail : [];
  return Array.isArray(tail) ? tail.map(String) : [];
}
