/** What a command ends with. */
import { EXIT, messageOf, ToolError } from '../errors.ts';
import type { EnvelopeError } from '../ui/envelope.ts';

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

/** The ending of any error: its own, or that of a fault in the tool itself. */
export function endingOf(error: unknown): Ending {
  if (!(error instanceof ToolError)) {
    const internal = { code: 'internal', message: messageOf(error) };
    return { exitCode: EXIT.failed, error: internal, body: {}, logTail: [] };
  }
  const { exitCode, code, message, hint, body, logTail } = error;
  return { exitCode, error: { code, message, ...(hint === undefined ? {} : { hint }) }, body, logTail };
}
