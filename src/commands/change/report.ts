/** What became of each file, for people and for programs. */
import type { Answers } from '../../journey/options.ts';
import { COMPOSE_UP } from '../../journey/start.ts';
import type {
  ChangePlan,
  DifferingSetting,
  EnvChange,
  FileOutcome,
  FileStatus,
} from '../../project/change/model.ts';
import { type PendingFile, pendingFiles } from '../../project/change/pending.ts';
import type { GeneratedProject } from '../../project/generated.ts';
import { counted, cut } from '../../ui/words.ts';
import type { CommandResult } from '../outcome.ts';
import type { CommandContext } from '../run.ts';

/** A change as it is planned, with the project that it is for. */
export interface Changed {
  readonly command: 'grow' | 'regenerate';
  /** As it was. */
  readonly project: GeneratedProject;
  /** What it is to be. */
  readonly answers: Answers;
  readonly change: ChangePlan;
}

/** In the order in which they are listed, with what a person reads. What stays as it is goes without a line. */
const WORDS: Readonly<Partial<Record<FileStatus, string>>> = {
  added: 'new',
  updated: 'updated',
  merged: 'merged with your edits',
  moved: 'moved',
  removed: 'removed',
  kept: 'yours now: it is no longer generated',
  'deleted-by-you': 'stays deleted',
  conflict: 'CONFLICT',
};

export type Ending = { readonly state: 'nothing' | 'dry-run' };

type Told = Pick<ChangePlan, 'files' | 'env'>;

/** Each file with what becomes of it. */
export function fileLines({ files, env }: Told): string[] {
  return [...linesOf(files), ...envLines(env)];
}

/** How many files of each folder are new, updated and so on; one by one only those that say something of themselves. */
export function folderLines({ files, env }: Told): string[] {
  const told = files.filter(({ status }) => WORDS[status] !== undefined);
  const folders = new Map<string, FileOutcome[]>();
  for (const file of told) {
    const folder = folderOf(file.path);
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const parts = [...folders]
    .sort(byFolder)
    .map(([folder, inside]) => `${folder} ${countsOf(inside).join(', ')}`);
  const remarkable = told.filter(
    ({ status, conflicts, notes }) => status === 'kept' || (conflicts ?? notes ?? []).length > 0,
  );
  return [...wrapped(parts), ...linesOf(remarkable), ...envLines(env)];
}

function linesOf(files: readonly FileOutcome[]): string[] {
  return (Object.keys(WORDS) as FileStatus[]).flatMap(status =>
    files.filter(file => file.status === status).flatMap(file => [`  ${lineOf(file)}`, ...detailsOf(file)]),
  );
}

function envLines({ added }: EnvChange): string[] {
  return added.length === 0 ? [] : [`  added to .env: ${added.join(', ')}`];
}

const TOP = 'top level';

/** The part of a project that a file belongs to: `src/kit`, `services/orders`. */
function folderOf(path: string): string {
  return path.split('/').slice(0, -1).slice(0, 2).join('/') || TOP;
}

function countsOf(files: readonly FileOutcome[]): string[] {
  return (Object.keys(WORDS) as FileStatus[]).flatMap(status => {
    const count = files.filter(file => file.status === status).length;
    return count === 0 ? [] : [`${count} ${WORDS[status]}`];
  });
}

/** What lies at the top first. */
function byFolder([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return Number(b === TOP) - Number(a === TOP) || (a < b ? -1 : 1);
}

/** Narrower than most terminals. */
const WIDTH = 96;

function wrapped(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1)} · ${part}`;
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(`  ${part}`);
  }
  return lines;
}

/** What of a change its owner has to see to, or to know. */
export function stepsOf({ env, replacedServices }: Pick<ChangePlan, 'env' | 'replacedServices'>): string[] {
  const { differing, skipped, lacks = [] } = env;
  const missing = lacks.length === 0 ? 'what it lacks' : lacks.join(', ');
  return [
    ...(replacedServices.length === 0 ? [] : [replacedLine(replacedServices)]),
    ...differing.map(differingLine),
    ...(skipped === undefined ? [] : [`.env is left alone, as ${skipped}: add ${missing} from .env.example`]),
  ];
}

function replacedLine(services: readonly string[]): string {
  const [whose, goes] =
    services.length === 1 ? ['its container', 'it goes'] : ['their containers', 'they go'];
  return `no longer in compose.yaml: ${services.join(', ')}. ${COMPOSE_UP} takes ${whose} away; without the last flag ${goes} on running`;
}

/** What looks like a secret is not to be seen in logs. */
function differingLine({ name, has, needs }: DifferingSetting): string {
  if (has === undefined || needs === undefined)
    return `.env has another ${name} than the stage needs: see .env.example`;
  const [mine, wanted] = [has, needs].map(value => cut(value.replaceAll('\n', '\\n'), LONGEST_VALUE));
  return `.env has ${name}=${mine}, the stage needs ${name}=${wanted}`;
}

const LONGEST_VALUE = 100;

function lineOf({ path, status, from }: FileOutcome): string {
  return `${WORDS[status] ?? status}: ${from === undefined ? path : `${from} → ${path}`}`;
}

function detailsOf({ conflicts = [], notes = [] }: FileOutcome): string[] {
  return [...conflicts, ...notes].map(each => `      ${each}`);
}

/** 3 new, 2 merged with your edits, 1 CONFLICT. */
export function listing({ files, env }: Told): string {
  const parts = countsOf(files);
  if (env.added.length > 0) parts.push(`${counted(env.added.length, 'name')} added to .env`);
  return parts.length === 0 ? 'only the records changed' : parts.join(', ');
}

export function conflictsOf({ files }: Pick<ChangePlan, 'files'>): readonly PendingFile[] {
  return pendingFiles(files);
}

/** What to do about each conflict. */
export function adviceOn(files: readonly PendingFile[]): string[] {
  return files.map(({ path, sidecar, conflicts }) => {
    const where = conflicts.join(', ');
    return sidecar === undefined
      ? `${path} (${where}): choose between the marked lines, and take the markers out`
      : `${path} (${where}): take what you want from ${sidecar}, then remove that file`;
  });
}

export function changeBody({ command, project, answers, change }: Changed): Record<string, unknown> {
  const counts: Partial<Record<FileStatus, number>> = {};
  for (const { status } of change.files) counts[status] = (counts[status] ?? 0) + 1;
  return {
    directory: project.directory,
    from: project.manifest.answers.stage,
    to: answers.stage,
    stage: answers.stage,
    answers,
    changed: change.writes.length > 0,
    files: change.files,
    counts,
    conflicts: conflictsOf(change).length,
    env: change.env,
    replacedServices: change.replacedServices,
    ...(command === 'grow' ? {} : { version: project.manifest.version }),
  };
}

export function changeReport(changed: Changed, { terminal }: CommandContext, ending: Ending): CommandResult {
  const { answers, change } = changed;
  const conflicts = conflictsOf(change);
  const nothing = `nothing to do: the project is at ${answers.stage}, as this version generates it from these answers`;
  const summary = ending.state === 'nothing' ? nothing : `${listing(change)}; nothing was written`;
  const advice =
    conflicts.length > 0 ? ['', terminal.paintResult.bold('Conflicts'), ...adviceOn(conflicts)] : [];
  const steps = stepsOf(change);
  const told =
    steps.length > 0 ? ['', terminal.paintResult.bold('Next'), ...steps.map(step => `  ${step}`)] : [];
  return {
    ok: conflicts.length === 0,
    body: { ...changeBody(changed), dryRun: ending.state === 'dry-run', nextSteps: steps },
    text: [summary, ...advice, ...told].join('\n'),
    ...(conflicts.length > 0 ? { error: conflictError(conflicts) } : {}),
  };
}

export function conflictError(conflicts: readonly PendingFile[]) {
  return {
    code: 'conflict',
    message: `${counted(conflicts.length, 'file')} with changes of yours and of the generator in the same place`,
    hint: 'settle them as listed, then run it with --continue; or take it back with undo',
  };
}
