/** The table of commands as Commander's program. */
import { Command as Built, Option } from 'commander';
import { VERSION } from '../version.ts';
import type { Command } from './command.ts';
import { comesLater } from './complaints.ts';
import type { Flag } from './flags.ts';
import { COMMANDS, CREATE, LATER_COMMANDS } from './index.ts';

/** Starts a command with what was typed. `options` are what its own flags give, which is more than Commander's types know. */
export type Start = (command: Command, directory: string | undefined, options: never) => Promise<void>;

export function createProgram(start: Start): Built {
  const program = new Built('create-backend-stage')
    .usage('[directory] [flags]\n       create-backend-stage <command> [directory] [flags]')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    // What follows a command's name belongs to that command, also where the flag has the same name here.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  fill(program, CREATE, start);
  for (const command of COMMANDS) fill(program.command(command.name), command, start);
  for (const name of LATER_COMMANDS) addLater(program, name);
  return program;
}

function fill(built: Built, command: Command, start: Start): void {
  built.description(command.summary);
  if (command.argument !== undefined) built.argument('[directory]', command.argument);
  for (const flag of command.options) built.addOption(optionOf(flag));
  built.action(() => start(command, built.args[0], built.opts<never>()));
}

function optionOf({ usage, description, parse, choices, preset }: Flag): Option {
  const option = new Option(usage, description);
  if (parse) option.argParser(parse);
  if (choices) option.choices(choices);
  return preset === undefined ? option : option.default(preset);
}

function addLater(program: Built, name: string): void {
  program
    .command(name, { hidden: true })
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw comesLater(name);
    });
}

/** The command that a command line names, for the envelope of an error that came before any command ran. */
export function commandNamed(argv: readonly string[]): string {
  const first = argv.find(word => !word.startsWith('-'));
  const known = [...COMMANDS.map(({ name }) => name), ...LATER_COMMANDS];
  return known.find(name => name === first) ?? CREATE.name;
}
