/** The command line, from argv to the exit code. Each command's code is loaded when it is asked for, and not before. */
import { CommanderError } from 'commander';
import { usageErrorOf } from './commands/complaints.ts';
import { commandNamed, createProgram, type Start } from './commands/program.ts';
import { endProcess, reportError, runCommand } from './commands/run.ts';
import { createTerminal } from './ui/terminal.ts';

const start: Start = async (command, directory, options) => {
  const run = await command.load();
  endProcess(await runCommand(command.name, options, context => run(directory, options, context)));
};

/** Reads the command line and does what it says. Never rejects; the outcome is in `process.exitCode`. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  try {
    await createProgram(start).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    // Help and version have been printed.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const flags = { json: argv.includes('--json'), debug: argv.includes('--debug') };
    const terminal = createTerminal(process.stdout, process.stderr, process.env);
    const shown = error instanceof CommanderError ? usageErrorOf(error, argv) : error;
    endProcess(reportError(commandNamed(argv), flags, terminal, shown));
  }
}
