/** The conversation: the stage, then what this stage has to be asked, then a review of it all before anything is written. */
import { buildBlueprint } from '../../blueprint/build.ts';
import { Cancelled, UsageError } from '../../errors.ts';
import { resolveAnswers } from '../../journey/answers.ts';
import { DEFAULT_DIRECTORY } from '../../journey/names.ts';
import {
  type AnswerKey,
  type Answers,
  type AnswerValue,
  type GivenAnswers,
  type Option,
  optionFor,
  optionsOf,
  parseAnswer,
} from '../../journey/options.ts';
import { isStageName, STAGES, type StageName } from '../../journey/stages.ts';
import { readTarget, type Target } from '../../project/target.ts';
import type { PromptChoice, Prompter } from '../../ui/prompts.ts';
import { table } from '../../ui/table.ts';
import type { CommandContext } from '../run.ts';
import { type Chosen, notEmpty } from './steps.ts';

export interface AskRequest {
  readonly directory: string | undefined;
  readonly given: GivenAnswers;
  readonly force: boolean;
  readonly prompter: Prompter;
  readonly context: Pick<CommandContext, 'cwd' | 'terminal'>;
}

/** What has been answered so far; the stage and the place are always known when the others are asked. */
interface Draft {
  stage: StageName;
  target: Target;
  readonly values: { [K in AnswerKey]?: AnswerValue | undefined };
}

/** @throws Cancelled when the person says so; UsageError if what flags gave cannot be mended by answering */
export async function askForAnswers(request: AskRequest): Promise<Chosen> {
  const { directory, given } = request;
  const early = directory === undefined ? undefined : await usableTarget(directory, request);
  const stage = given.stage ?? (await askStage(request, given));
  const target = early ?? (await askDirectory(request, given.name ?? DEFAULT_DIRECTORY));
  const draft: Draft = { stage, target, values: { ...given } };
  await askMissing(request, draft);
  return review(request, draft);
}

async function askStage(
  request: AskRequest,
  given: GivenAnswers,
  preselected?: StageName,
): Promise<StageName> {
  // A flag that was given names the first stage that has a use for it.
  const asked = Object.keys(given).filter(key => key !== 'stage');
  const possible = STAGES.filter(stage => {
    const own = optionsOf(stage.name).map(option => option.key);
    return asked.every(key => own.some(each => each === key));
  });
  const widest = Math.max(...possible.map(stage => stage.name.length));
  const choices = possible.map(stage => ({
    value: stage.name,
    short: stage.name,
    name: `${stage.name.padEnd(widest)}  ${stage.fixes}`,
    description: `adds ${stage.adds}; still breaks: ${stage.breaks}`,
  }));
  const chosen = await request.prompter.choose(
    optionFor('stage').question,
    choices,
    preselected ?? possible[0]?.name,
  );
  if (!isStageName(chosen)) throw new Error(`no stage called ${chosen}`);
  return chosen;
}

async function askDirectory(request: AskRequest, preset: string): Promise<Target> {
  const typed = await request.prompter.text('Where shall the project be written?', preset, text =>
    complaint(() => usableTarget(text, request)),
  );
  return usableTarget(typed, request);
}

async function usableTarget(typed: string, { context, given, force }: AskRequest): Promise<Target> {
  const target = await readTarget(typed, context.cwd, given.name !== undefined);
  if (!target.empty && !force) throw notEmpty(target);
  return target;
}

async function askMissing(request: AskRequest, draft: Draft): Promise<void> {
  for (const option of optionsOf(draft.stage)) {
    if (option.key === 'stage' || draft.values[option.key] !== undefined) continue;
    draft.values[option.key] = await askOption(request.prompter, option, draft);
  }
}

async function askOption(prompter: Prompter, option: Option, draft: Draft): Promise<AnswerValue> {
  const preset = draft.values[option.key] ?? option.fallback(givenBy(draft), draft.target.name);
  const problem = (raw: unknown) => complaint(async () => parseAnswer(option, raw, 'this'));
  const choices: PromptChoice[] = (option.choices ?? []).map(({ value, description }) => ({
    value,
    name: value,
    description,
  }));
  switch (option.kind) {
    case 'choice':
      return prompter.choose(option.question, choices, String(preset));
    case 'list':
      return prompter.several(option.question, choices, Array.isArray(preset) ? preset : [], problem);
    default: {
      const typed = await prompter.text(
        option.question,
        preset === undefined ? undefined : String(preset),
        problem,
      );
      return parseAnswer(option, typed);
    }
  }
}

/** The draft's answers without those that its stage has no use for: it may have been another stage before. */
function givenBy(draft: Draft): GivenAnswers {
  const own = optionsOf(draft.stage)
    .filter(option => option.key !== 'stage' && draft.values[option.key] !== undefined)
    .map(option => [option.key, draft.values[option.key]]);
  return { ...Object.fromEntries(own), stage: draft.stage };
}

async function review(request: AskRequest, draft: Draft): Promise<Chosen> {
  const { prompter, context } = request;
  for (;;) {
    const answers = resolveAnswers(givenBy(draft), draft.target.name);
    const problem = await complaint(async () => buildBlueprint(answers));
    const rows = reviewRows(answers, draft.target);
    context.terminal.note(`\n${table(['', ''], rows).trimStart()}\n`);
    if (problem) context.terminal.note(context.terminal.paint.yellow(`This cannot work: ${problem}`));
    const action = await prompter.choose('Write it?', [
      ...(problem ? [] : [{ value: 'write', name: 'Write it' }]),
      ...rows.map(([label = '', value = '']) => ({ value: label, name: `Change ${label} (${value})` })),
      { value: 'cancel', name: 'Cancel: write nothing' },
    ]);
    if (action === 'write') return { target: draft.target, answers };
    if (action === 'cancel') throw new Cancelled('nothing was written');
    await change(request, draft, action);
  }
}

function reviewRows(answers: Answers, target: Target): string[][] {
  const values = optionsOf(answers.stage).map(option => {
    const value = answers[option.key];
    return [labelOf(option), Array.isArray(value) ? value.join(', ') : String(value)];
  });
  return [...values.slice(0, 1), ['directory', target.typed], ...values.slice(1)];
}

function labelOf(option: Option): string {
  return option.flag.slice('--'.length).replaceAll('-', ' ');
}

async function change(request: AskRequest, draft: Draft, label: string): Promise<void> {
  if (label === 'stage') {
    draft.stage = await askStage(request, {}, draft.stage);
    await askMissing(request, draft);
  } else if (label === 'directory') {
    const before = draft.target.name;
    draft.target = await askDirectory(request, draft.target.typed);
    if (draft.values.name === before) draft.values.name = draft.target.name;
  } else {
    const option = optionsOf(draft.stage).find(each => labelOf(each) === label);
    if (option) draft.values[option.key] = await askOption(request.prompter, option, draft);
  }
}

/** What is wrong, in words, or nothing. */
async function complaint(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return [error.message, error.hint].filter(Boolean).join('; ');
    throw error;
  }
}
