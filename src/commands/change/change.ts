/** What `grow` and `regenerate` do: `changeProject` is the list of their steps. */
import { resolve } from 'node:path';
import { buildBlueprint } from '../../blueprint/build.ts';
import { requireEngineName } from '../../engines/select.ts';
import { Cancelled, UsageError } from '../../errors.ts';
import type { ChangePlan } from '../../project/change/model.ts';
import { openConflicts } from '../../project/change/pending.ts';
import { planChange } from '../../project/change/plan-change.ts';
import { prepareChange } from '../../project/change/prepare-change.ts';
import { type GeneratedProject, openProject } from '../../project/generated.ts';
import { uncommitted } from '../../project/git.ts';
import { readManifest } from '../../project/manifest.ts';
import { LOCKFILES } from '../../project/package-manager.ts';
import { commit } from '../../project/transaction/commit.ts';
import { lockProject } from '../../project/transaction/lock.ts';
import { refuseInterrupted } from '../../project/transaction/recover.ts';
import { firstFew } from '../../ui/words.ts';
import { guaranteeIds } from '../guarantee-ids.ts';
import type { CommandResult } from '../outcome.ts';
import type { CommandContext } from '../run.ts';
import { afterwards } from './afterwards.ts';
import { changedAnswers } from './answers.ts';
import { guidance } from './guidance.ts';
import type { ChangeInput } from './input.ts';
import { type Changed, changeBody, changeReport, conflictsOf, listing, stepsOf } from './report.ts';
import { resume } from './resume.ts';

export async function changeProject(input: ChangeInput): Promise<CommandResult> {
  const { command, options, context, typed } = input;
  requireEngineName(options.engine);
  const directory = resolve(context.cwd, typed ?? '.');
  await readManifest(directory);
  if (options.continue || options.abort) return resume(input, directory);
  await refuseUnfinished(command, directory);
  const project = await openProject(typed, context.cwd, guaranteeIds);
  const answers = changedAnswers(
    project.manifest.answers,
    input.stage(project.manifest.answers.stage),
    options,
  );
  buildBlueprint(answers);
  const change = await planChange(await prepareChange(project, answers, { command, mode: options.conflict }));
  const changed: Changed = { command, project, answers, change };
  if (change.writes.length === 0) return changeReport(changed, context, { state: 'nothing' });
  if (!options.allowDirty) await refuseDirty(project, change);
  context.terminal.note(guidance(changed, context, options.dryRun === true));
  if (options.dryRun) return changeReport(changed, context, { state: 'dry-run' });
  await confirm(changed, context);
  context.signal.throwIfAborted();
  const lock = await lockProject(project.directory, command);
  try {
    await commit(project.directory, {
      command,
      writes: change.writes,
      alsoKept: Object.keys(LOCKFILES),
      // For whoever continues it, should it be interrupted.
      summary: { from: project.manifest.answers.stage, steps: stepsOf(change) },
    });
    context.terminal.note(`${context.terminal.paint.green('✓')} ${listing(change)}`);
    const followUp = {
      directory: project.directory,
      from: project.manifest.answers.stage,
      answers,
      changed: change.writes.map(({ path }) => path),
      conflicts: conflictsOf(change),
      steps: stepsOf(change),
      body: changeBody(changed),
    };
    return await afterwards(followUp, input);
  } finally {
    lock.release();
  }
}

/** @throws UsageError if an earlier run was interrupted, or left conflicts that are not settled */
async function refuseUnfinished(command: ChangeInput['command'], directory: string): Promise<void> {
  refuseInterrupted(directory, command);
  const pending = await openConflicts(directory);
  if (pending.length > 0) {
    throw new UsageError(
      `conflicts of an earlier run are not settled: ${firstFew(pending.map(file => file.sidecar ?? file.path))}`,
      'take the markers out, and remove each .stage-new and .stage-yours file; or take the run back with undo',
    );
  }
}

/** @throws UsageError naming the files whose edits are not in git yet, and that would be changed */
async function refuseDirty({ directory, manifest }: GeneratedProject, change: ChangePlan): Promise<void> {
  const generated = new Set(Object.values(manifest.files).map(file => file.sha256));
  // What is as it was generated cannot be lost, whether git knows it or not.
  const edited = change.writes.filter(
    ({ path, expected, personal }) =>
      expected && !personal && !generated.has(expected.sha256) && !path.startsWith('.stage/'),
  );
  const dirty = await uncommitted(
    directory,
    edited.map(({ path }) => path),
  );
  if (dirty.length > 0) {
    throw new UsageError(
      `files that would be changed have edits that are not committed: ${firstFew(dirty)}`,
      'commit them first, or --allow-dirty (undo brings them back)',
    );
  }
}

async function confirm(changed: Changed, context: CommandContext): Promise<void> {
  if (!context.interactive) return;
  const { command, answers } = changed;
  const { createPrompter } = await import('../../ui/prompts.ts');
  const what = command === 'grow' ? `Grow to ${answers.stage}?` : 'Regenerate it?';
  const prompter = createPrompter(context.signal);
  for (;;) {
    const answer = await prompter.choose(what, [
      { value: 'yes', name: 'Yes, change these files' },
      { value: 'no', name: 'No: change nothing' },
      { value: 'list', name: 'List each file first' },
    ]);
    if (answer === 'yes') return;
    if (answer === 'no') throw new Cancelled('nothing was changed');
    context.terminal.note(guidance(changed, context, true));
  }
}
