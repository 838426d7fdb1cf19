/** Something that the person can mend by typing something else. The tool ends with exit code 2 and has changed nothing. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The way out, as one sentence or command. */
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
