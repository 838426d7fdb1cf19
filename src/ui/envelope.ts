export const ENVELOPE_VERSION = 1;

export interface EnvelopeError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** The one JSON object that `--json` prints, for failures as well. */
export function envelope(
  command: string,
  ok: boolean,
  body: Readonly<Record<string, unknown>>,
  error?: EnvelopeError,
): string {
  return JSON.stringify({
    schemaVersion: ENVELOPE_VERSION,
    ok,
    command,
    ...body,
    ...(error === undefined ? {} : { error }),
  });
}
