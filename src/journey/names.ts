import { builtinModules } from 'node:module';
import { UsageError } from '../errors.ts';

/** Where a project goes when nobody says. */
export const DEFAULT_DIRECTORY = 'my-shop';

/** npm's limit for package names. */
const LONGEST_NAME = 214;
const NAME_RULE = /^[a-z0-9][a-z0-9_-]*$/;
const RESERVED = new Set(['node_modules', 'favicon.ico']);

/**
 * Checks a project name: it becomes an npm package name, a Compose project name and a folder, so it keeps to what all three
 * take. @returns the name. @throws UsageError saying what is wrong with it and what would do.
 */
export function projectName(text: string, source: string): string {
  const problem = nameProblem(text);
  if (problem) {
    throw new UsageError(`${source} ${JSON.stringify(text)} ${problem}`, `try ${suggestion(text)}`);
  }
  return text;
}

function nameProblem(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (text.length > LONGEST_NAME) return `is longer than ${LONGEST_NAME} characters`;
  if (RESERVED.has(text)) return 'is a name that npm reserves';
  if (builtinModules.includes(text)) return 'is the name of a Node module';
  if (text !== text.toLowerCase()) return 'has upper-case letters, which npm does not take';
  if (!NAME_RULE.test(text)) return 'must begin with a letter or digit and hold only a-z, 0-9, - and _';
  return undefined;
}

function suggestion(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  return nameProblem(plain) ? `my-${plain || 'shop'}`.slice(0, LONGEST_NAME) : plain;
}
