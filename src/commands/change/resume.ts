/** `--continue` and `--abort`: what was interrupted is completed or taken back, and settled conflicts are left behind. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { isStageName, type StageName } from '../../journey/stages.ts';
import { openConflicts, PENDING_PATH, readPending } from '../../project/change/pending.ts';
import { readManifest } from '../../project/manifest.ts';
import { lockProject } from '../../project/transaction/lock.ts';
import { abortRun, continueRun, type Recovery } from '../../project/transaction/recover.ts';
import type { CommandResult } from '../outcome.ts';
import { afterwards } from './afterwards.ts';
import type { ChangeInput } from './input.ts';

export async function resume(input: ChangeInput, directory: string): Promise<CommandResult> {
  const { command, options } = input;
  if (options.continue && options.abort) {
    throw new UsageError('--continue and --abort are given', 'choose one of them');
  }
  const lock = await lockProject(directory, command);
  try {
    const recovery = await (options.abort ? abortRun(directory) : continueRun(directory));
    if (recovery) return await goOnAfter(recovery, input, directory);
    if (options.abort) throw new UsageError('nothing was interrupted', 'undo takes back the last run');
    return await goOnSettled(input, directory);
  } finally {
    lock.release();
  }
}

/** A change that is complete now is followed by what follows every change. */
async function goOnAfter(
  { run, saved }: Recovery,
  input: ChangeInput,
  directory: string,
): Promise<CommandResult> {
  const { context, options } = input;
  const outcome = options.abort ? 'taken back' : 'completed';
  const lines = [
    `${context.terminal.paint.green('✓')} the interrupted ${run.command} is ${outcome}`,
    ...saved.map(path => `  ${path} holds what was written there meanwhile`),
  ];
  const body = { interrupted: run.command, outcome, paths: run.files, saved };
  if (options.abort || run.command === 'undo') return { ok: true, body, text: lines.join('\n') };
  for (const line of lines) context.terminal.note(line);
  const { from, steps } = run.summary;
  return followUp(input, directory, {
    from: isStageName(from) ? from : undefined,
    changed: run.files,
    steps: Array.isArray(steps) ? steps.map(String) : [],
    body,
  });
}

/** Conflicts that are settled need nobody any more: what waited for them follows. */
async function goOnSettled(input: ChangeInput, directory: string): Promise<CommandResult> {
  const pending = await readPending(directory);
  if (!pending) {
    throw new UsageError('nothing was interrupted, and no conflict is left', 'run it without --continue');
  }
  if ((await openConflicts(directory)).length === 0) await rm(join(directory, PENDING_PATH));
  // Nobody knows any more which files changed: dependencies are installed to be sure.
  return followUp(input, directory, { from: pending.from, changed: ['package.json'], steps: [], body: {} });
}

interface Known {
  readonly from: StageName | undefined;
  readonly changed: readonly string[];
  readonly steps: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
}

async function followUp(input: ChangeInput, directory: string, known: Known): Promise<CommandResult> {
  const { answers } = await readManifest(directory);
  const { from = answers.stage, changed, steps, body } = known;
  const conflicts = await openConflicts(directory);
  const told = { directory, from, to: answers.stage, stage: answers.stage, answers, ...body, conflicts };
  return afterwards({ directory, from, answers, changed, conflicts, steps, body: told }, input);
}
