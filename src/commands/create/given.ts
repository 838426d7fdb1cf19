import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { UsageError } from '../../errors.ts';
import { readAnswers } from '../../journey/answers.ts';
import {
  type AnswerKey,
  type AnswerValue,
  type GivenAnswers,
  OPTIONS,
  parseAnswer,
} from '../../journey/options.ts';
import type { CreateOptions } from '../program.ts';
import type { CommandContext } from '../run.ts';

/** The answers that flags and the `--config` file give; flags win. @throws UsageError naming the flag or field */
export async function readGiven(
  options: CreateOptions,
  { cwd }: Pick<CommandContext, 'cwd'>,
): Promise<GivenAnswers> {
  const fromFlags = givenByFlags(options);
  const fromFile = options.config === undefined ? {} : await readConfig(options.config, cwd);
  return { ...fromFile, ...fromFlags };
}

/** @throws UsageError naming the flag */
export function givenByFlags(typed: Readonly<Partial<Record<AnswerKey, string>>>): GivenAnswers {
  const given: Partial<Record<AnswerKey, AnswerValue>> = {};
  for (const option of OPTIONS) {
    const text = typed[option.key];
    if (text !== undefined) given[option.key] = parseAnswer(option, text);
  }
  return given as GivenAnswers;
}

async function readConfig(config: string, cwd: string): Promise<GivenAnswers> {
  const source = config === '-' ? 'the answers on stdin' : config;
  const content = await readText(config, cwd);
  try {
    return readAnswers(JSON.parse(content), source);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `--config: ${source} is not JSON`,
      'write one object: {"stage": "pool", "poolMax": 10}',
    );
  }
}

async function readText(config: string, cwd: string): Promise<string> {
  if (config === '-') return text(process.stdin);
  try {
    return await readFile(resolve(cwd, config), 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(
      `--config: cannot read ${config} (${reason})`,
      'name a JSON file with answers, or - for stdin',
    );
  }
}
