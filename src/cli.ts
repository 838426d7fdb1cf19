/** The command line, from argv to the exit code. Each command's code is loaded when it is asked for, and not before. */
import { CommanderError } from 'commander';
import { commandNamed, createProgram, type Handlers, usageErrorOf } from './commands/program.ts';
import { endProcess, reportError, runCommand } from './commands/run.ts';
import { createTerminal } from './ui/terminal.ts';

const handlers: Handlers = {
  create: async (directory, options) => {
    const { create } = await import('./commands/create.ts');
    endProcess(await runCommand('create', options, context => create(directory, options, context)));
  },
  verify: async (directory, options) => {
    const { verify } = await import('./commands/verify.ts');
    endProcess(await runCommand('verify', options, context => verify(directory, options, context)));
  },
  up: async (directory, options) => {
    const { up } = await import('./commands/up.ts');
    endProcess(await runCommand('up', options, context => up(directory, options, context)));
  },
  grow: async (directory, options) => {
    const { grow } = await import('./commands/grow.ts');
    endProcess(await runCommand('grow', options, context => grow(directory, options, context)));
  },
  regenerate: async (directory, options) => {
    const { regenerate } = await import('./commands/regenerate.ts');
    endProcess(await runCommand('regenerate', options, context => regenerate(directory, options, context)));
  },
  check: async (directory, options) => {
    const { check } = await import('./commands/check.ts');
    endProcess(await runCommand('check', options, context => check(directory, options, context)));
  },
  diff: async (directory, options) => {
    const { diff } = await import('./commands/diff.ts');
    endProcess(await runCommand('diff', options, context => diff(directory, options, context)));
  },
  undo: async (directory, options) => {
    const { undo } = await import('./commands/undo.ts');
    endProcess(await runCommand('undo', options, context => undo(directory, options, context)));
  },
  stages: async options => {
    const { stages } = await import('./commands/stages.ts');
    endProcess(await runCommand('stages', options, stages));
  },
  doctor: async options => {
    const { doctor } = await import('./commands/doctor.ts');
    endProcess(await runCommand('doctor', options, doctor));
  },
};

/** Reads the command line and does what it says. Never rejects; the outcome is in `process.exitCode`. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const program = createProgram(handlers);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    // Help and version have been printed.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const flags = { json: argv.includes('--json'), debug: argv.includes('--debug') };
    const terminal = createTerminal(process.stdout, process.stderr, process.env);
    const shown = error instanceof CommanderError ? usageErrorOf(error, argv) : error;
    endProcess(reportError(commandNamed(program, argv), flags, terminal, shown));
  }
}
