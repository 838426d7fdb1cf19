/** What the tool will do in a later version. It is told apart from a directory's name or a mistyped flag, and nothing else. */
import { UsageError } from '../errors.ts';

export const LATER_COMMANDS = ['measure'] as const;

export function comesLater(what: string): UsageError {
  return new UsageError(
    `${what} comes in a later version of create-backend-stage`,
    'create-backend-stage --help lists what this version does',
  );
}
