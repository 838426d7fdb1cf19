export interface InteractivityFacts {
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Whether the tool may ask. The one gate: nothing else decides it, and nothing prompts without it. */
export function isInteractive(facts: InteractivityFacts): boolean {
  return facts.stdinIsTerminal && facts.stdoutIsTerminal && !facts.env.CI && !facts.yes && !facts.json;
}
