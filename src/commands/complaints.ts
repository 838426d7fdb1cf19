/** Complaints about a command line: one line each, which names the flag and the way out. */
import type { CommanderError } from 'commander';
import { UsageError } from '../errors.ts';
import { choiceValues, OPTIONS } from '../journey/options.ts';
import { isStageName } from '../journey/stages.ts';

const HELP_HINT = 'create-backend-stage --help lists the flags';

/** Commander's complaint in this tool's form. Help and version are no complaints. */
export function usageErrorOf(error: CommanderError, argv: readonly string[]): UsageError {
  const flag = /'(-[^' ]+)/.exec(error.message)?.[1];
  const guess = /Did you mean (.+)\?/.exec(error.message)?.[1];
  switch (error.code) {
    case 'commander.unknownOption':
      return new UsageError(
        `unknown flag ${flag}`,
        guess ? `did you mean ${guess}? ${HELP_HINT}` : HELP_HINT,
      );
    case 'commander.optionMissingArgument':
      return needsValue(flag);
    case 'commander.excessArguments':
      return tooMany(argv);
    default:
      return new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '), HELP_HINT);
  }
}

export function needsValue(flag: string | undefined): UsageError {
  const option = OPTIONS.find(each => each.flag === flag);
  const values = option?.choices && `choose one of ${choiceValues(option).join(', ')}`;
  return new UsageError(`${flag} needs a value`, values ?? HELP_HINT);
}

/** For a command that a later version will have. */
export function comesLater(name: string): UsageError {
  return new UsageError(
    `${name} comes in a later version of create-backend-stage`,
    'create-backend-stage --help lists what this version does',
  );
}

function tooMany(argv: readonly string[]): UsageError {
  const stage = argv.find(isStageName);
  return new UsageError(
    'more than one directory is given',
    stage ? `the stage is a flag: --stage ${stage}` : 'give one; the others, if they are names, need quotes',
  );
}
