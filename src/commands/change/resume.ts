/** `--continue` and `--abort`: what was interrupted is completed or taken back, and settled conflicts are left behind. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../journey/errors.ts';
import { PENDING_PATH, readPending, unsettled } from '../../project/change/pending.ts';
import { openProject } from '../../project/generated.ts';
import { lockProject } from '../../project/transaction/lock.ts';
import { abortRun, continueRun, type Recovery } from '../../project/transaction/recover.ts';
import type { CommandResult } from '../outcome.ts';
import type { CommandContext } from '../run.ts';
import { afterwards } from './afterwards.ts';
import type { ChangeInput } from './change.ts';
import { adviceOn, conflictError } from './report.ts';

export async function resume(input: ChangeInput, directory: string): Promise<CommandResult> {
  const { command, options } = input;
  if (options.continue && options.abort) {
    throw new UsageError('--continue and --abort are given', 'choose one of them');
  }
  const lock = await lockProject(directory, command);
  try {
    const recovery = await (options.abort ? abortRun(directory) : continueRun(directory));
    if (recovery) return told(recovery, options.abort === true, input.context);
    if (options.abort) throw new UsageError('nothing was interrupted', 'undo takes back the last run');
    return await goOn(input, directory);
  } finally {
    lock.release();
  }
}

function told({ run, saved }: Recovery, isAborted: boolean, { terminal }: CommandContext): CommandResult {
  const what = isAborted ? 'taken back' : 'completed';
  const kept = saved.map(path => `${path} holds what was written there meanwhile`);
  return {
    ok: true,
    body: { interrupted: run.command, outcome: isAborted ? 'aborted' : 'continued', files: run.files, saved },
    text: [`${terminal.paintResult.green('✓')} the interrupted ${run.command} is ${what}`, ...kept].join(
      '\n',
    ),
  };
}

/** Conflicts that are settled need nobody any more: what waited for them follows. */
async function goOn(input: ChangeInput, directory: string): Promise<CommandResult> {
  const pending = await readPending(directory);
  if (!pending)
    throw new UsageError('nothing was interrupted, and no conflict is left', 'run it without --continue');
  const left = await unsettled(directory);
  if (left.length > 0) {
    const files = left.map(file => ({ ...file, status: 'conflict' as const }));
    const advice = adviceOn(files);
    return {
      ok: false,
      body: { files, nextSteps: advice },
      text: advice.join('\n'),
      error: conflictError(files),
    };
  }
  await rm(join(directory, PENDING_PATH));
  const project = await openProject(directory, directory);
  const change = { files: [], writes: [{ path: 'package.json', expected: undefined }] };
  return afterwards({ command: pending.command, project, answers: project.manifest.answers, change }, input);
}
