/** What a command is to the command line. */
import type { Flag, OptionsOf } from './flags.ts';
import type { CommandResult } from './outcome.ts';
import type { CommandContext } from './run.ts';

/** What a command does with the directory as typed, and with its flags. */
export type Run<Options> = (
  directory: string | undefined,
  options: Options,
  context: CommandContext,
) => Promise<CommandResult>;

interface CommandOf<Flags extends readonly Flag[], Options> {
  readonly name: string;
  /** One line of the help. */
  readonly summary: string;
  /** What the directory is to it, in the help; absent: it takes none. */
  readonly argument?: string;
  readonly options: Flags;
  /** Loads its code, which nothing else needs. */
  readonly load: () => Promise<Run<Options>>;
}

/** A command whose code takes what its own flags give, and nothing else: `command` has seen to that. */
export type Command = CommandOf<readonly Flag[], never>;

export function command<const Flags extends readonly Flag[]>(
  entry: CommandOf<Flags, OptionsOf<Flags>>,
): Command {
  return entry;
}
