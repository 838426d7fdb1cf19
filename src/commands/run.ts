/** Runs one command from its start to the process's exit code, whatever happens to it. */
import { Cancelled, EXIT } from '../errors.ts';
import { envelope } from '../ui/envelope.ts';
import { isInteractive } from '../ui/interactive.ts';
import { createTerminal, type Terminal } from '../ui/terminal.ts';
import { cut } from '../ui/words.ts';
import { type CommandResult, type Ending, endingOf } from './outcome.ts';

/** What every command gets of the world around it. */
export interface CommandContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly interactive: boolean;
  /** Aborted, with `Cancelled` as its reason, by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
}

export interface CommonFlags {
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly yes?: boolean;
}

export type Command = (context: CommandContext) => Promise<CommandResult>;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long whatever is left (a socket that lingers, a child that is slow to end) may keep the process alive, in ms. */
const LINGER_MS = 3000;

/** @returns the exit code; it never rejects */
export async function runCommand(name: string, flags: CommonFlags, command: Command): Promise<number> {
  const terminal = createTerminal(process.stdout, process.stderr, process.env);
  const interruption = new AbortController();
  const stopListening = listenForSignals(interruption);
  // Should the event loop run dry while a command still waits for something, that is no success.
  process.exitCode = EXIT.cancelled;
  try {
    const result = await command(contextFor(flags, terminal, interruption.signal));
    report(name, flags, terminal, result);
    return result.ok ? EXIT.done : EXIT.failed;
  } catch (error) {
    const thrown = interruption.signal.aborted && !(error instanceof Cancelled) ? new Cancelled() : error;
    return reportError(name, flags, terminal, thrown);
  } finally {
    stopListening();
  }
}

/** Sets the exit code, and sees to it that the process does end. */
export function endProcess(exitCode: number): void {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
}

function contextFor(flags: CommonFlags, terminal: Terminal, signal: AbortSignal): CommandContext {
  return {
    cwd: process.cwd(),
    env: process.env,
    terminal,
    interactive: isInteractive({
      stdinIsTerminal: process.stdin.isTTY === true,
      stdoutIsTerminal: process.stdout.isTTY === true,
      env: process.env,
      yes: flags.yes === true,
      json: flags.json === true,
    }),
    signal,
  };
}

/** The first signal asks the command to clean up and end; a second one does not wait for that. */
function listenForSignals(interruption: AbortController): () => void {
  const onSignal = () => {
    if (interruption.signal.aborted) process.exit(EXIT.cancelled);
    interruption.abort(new Cancelled());
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

function report(name: string, flags: CommonFlags, terminal: Terminal, result: CommandResult): void {
  if (flags.json) terminal.result(envelope(name, result.ok, result.body, result.error));
  else if (result.text !== undefined) terminal.result(result.text);
}

/** Prints an error as one line (or as the envelope), and gives its exit code. */
export function reportError(name: string, flags: CommonFlags, terminal: Terminal, error: unknown): number {
  const ending = endingOf(error);
  if (flags.json) terminal.result(envelope(name, false, ending.body, ending.error));
  else terminal.note(errorLine(terminal, ending));
  for (const line of ending.logTail) terminal.note(`  ${terminal.paint.dim(cut(line))}`);
  if (flags.debug && error instanceof Error) terminal.note(error.stack ?? '');
  return ending.exitCode;
}

function errorLine({ paint }: Terminal, { exitCode, error }: Ending): string {
  if (exitCode === EXIT.cancelled) return paint.yellow(`cancelled: ${error.message}`);
  const unexpected = error.code === 'internal' ? 'unexpected: ' : '';
  const hint = error.hint ?? (error.code === 'internal' ? 'run it again with --debug to see where' : '');
  return `${paint.red('✗')} ${unexpected}${error.message}${hint ? `; ${hint}` : ''}`;
}
