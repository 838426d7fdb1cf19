/** Grows edited projects by chance, kills the run by chance, and looks for every line that their owner wrote. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolveAnswers } from '../../src/journey/answers.ts';
import type { Answers } from '../../src/journey/options.ts';
import { STAGE_NAMES, stageIndex } from '../../src/journey/stages.ts';
import { fileClass } from '../../src/plan/file-class.ts';
import { type Plan, planProject } from '../../src/plan/plan.ts';
import type { ChangePlan } from '../../src/project/change/model.ts';
import { planChange } from '../../src/project/change/plan-change.ts';
import { prepareChange } from '../../src/project/change/prepare-change.ts';
import { readManifest, recordsOf } from '../../src/project/manifest.ts';
import { CONFLICT_MODES } from '../../src/project/merge/sides.ts';
import { commit } from '../../src/project/transaction/commit.ts';
import { type Hooks, Killed } from '../../src/project/transaction/disk.ts';
import { abortRun, continueRun } from '../../src/project/transaction/recover.ts';
import { type Random, randomFrom } from '../../src/verify/random.ts';
import { pick } from './random.ts';
import { edited, type Tree, treeOf } from './random-owner.ts';

/** Files that each project has, as far as its stage has them; of the others, a few by chance: a run stays short. */
const ALWAYS = [
  'package.json',
  'compose.yaml',
  '.env.example',
  '.gitignore',
  'src/app.ts',
  'src/server.ts',
  'README.md',
];
const SOMETIMES = [
  'nginx/nginx.conf',
  'migrations/products/0001_products.sql',
  'tsconfig.json',
  'Dockerfile',
];
const OTHERS = 6;

export interface RandomRun {
  readonly seed: number;
  readonly what: string;
  readonly change: ChangePlan;
  /** How it ended: as planned, completed after a kill, or taken back after one. */
  readonly ending: 'done' | 'continued' | 'aborted';
  /** Lines that their owner wrote and that are nowhere; what else is wrong. */
  readonly lost: readonly string[];
}

const plans = new Map<string, Promise<Plan>>();

function planFor(answers: Answers): Promise<Plan> {
  const key = JSON.stringify(answers);
  const plan = plans.get(key) ?? planProject(answers);
  plans.set(key, plan);
  return plan;
}

/** One run in `directory`, which is made and removed. */
export async function randomRun(directory: string, seed: number): Promise<RandomRun> {
  const random = randomFrom(seed);
  const from = pick(random, STAGE_NAMES);
  const to = pick(random, STAGE_NAMES.slice(stageIndex(from)));
  const before = resolveAnswers({ stage: from }, 'shop');
  const after = resolveAnswers(from === to ? { stage: to, port: 4000 } : { stage: to }, 'shop');
  const mode = random() < 0.7 ? 'inline' : pick(random, CONFLICT_MODES);
  const some = someOf(await planFor(before), random);
  const generated = treeOf(some);
  const { tree, edits } = edited(generated, random, 1 + Math.floor(random() * 5));
  lay(directory, new Map([...tree, ...recordTree(some, before)]));
  const start = snapshot(directory);
  const manifest = await readManifest(directory);
  const request = await prepareChange({ directory, manifest }, after, { command: 'grow', mode });
  const change = await planChange({ ...request, plan: afterOf(request.plan, some, request, random) });
  const ending = await carriedOut(directory, change, random);
  const end = snapshot(directory);
  const lost =
    ending === 'aborted'
      ? differences(start, end)
      : [...lostLines(generated, tree, change, end), ...unlisted(change, end, start)];
  rmSync(directory, { recursive: true });
  return { seed, what: `${from} → ${to}, ${mode}: ${edits.join(', ')}; ${ending}`, change, ending, lost };
}

function someOf(plan: Plan, random: Random): Plan {
  const wanted = new Set([...ALWAYS, ...SOMETIMES.filter(() => random() < 0.5)]);
  for (let count = 0; count < OTHERS; count++) wanted.add(pick(random, plan.files).path);
  return { files: plan.files.filter(({ path }) => wanted.has(path)) };
}

/** What comes of those files at the later stage, with some that are new. */
function afterOf(
  plan: Plan,
  some: Plan,
  { grownPath }: { readonly grownPath: (path: string) => string | undefined },
  random: Random,
): Plan {
  const kept = new Set([...some.files.map(({ path }) => grownPath(path)), ...ALWAYS]);
  for (let count = 0; count < OTHERS; count++) kept.add(pick(random, plan.files).path);
  return { files: plan.files.filter(({ path }) => kept.has(path)) };
}

function recordTree(plan: Plan, answers: Answers): [string, string][] {
  return recordsOf(plan, answers, '0.0.1').map(({ path, bytes }) => [
    path,
    Buffer.from(bytes).toString('utf8'),
  ]);
}

function lay(directory: string, tree: Tree): void {
  for (const [path, text] of tree) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

/** Kills the run at one of its changes of the file system, by chance, and again while it is mended. */
async function carriedOut(
  directory: string,
  change: ChangePlan,
  random: Random,
): Promise<RandomRun['ending']> {
  const hooks = (): Hooks => {
    let left = Math.floor(random() * (14 * change.writes.length + 40));
    return {
      checkpoint: () => {
        if (left-- <= 0) throw new Killed();
      },
    };
  };
  const { writes } = change;
  const isKilled = await killed(
    commit(directory, { command: 'grow', writes, alsoKept: [], summary: {} }, hooks()),
  );
  if (!isKilled) return 'done';
  const recover = random() < 0.5 ? continueRun : abortRun;
  if (await killed(recover(directory, hooks()))) await recover(directory);
  const isDone =
    JSON.parse(readFileSync(join(directory, '.stage/manifest.json'), 'utf8')).version !== '0.0.1';
  return isDone ? 'continued' : 'aborted';
}

async function killed(run: Promise<unknown>): Promise<boolean> {
  try {
    await run;
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

/** Every file, what a run keeps to itself left out. */
function snapshot(directory: string): Tree {
  return new Map(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter(path => !/^\.stage\/(tx|undo|lock)/.test(path) && statSync(join(directory, path)).isFile())
      .map(path => [path, readFileSync(join(directory, path), 'utf8')]),
  );
}

function differences(start: Tree, end: Tree): string[] {
  const paths = new Set([...start.keys(), ...end.keys()]);
  return [...paths].filter(path => start.get(path) !== end.get(path)).map(path => `${path} is not as before`);
}

/** Line endings, indentation and a comma at the end are not what an owner would miss. */
const bare = (line: string) =>
  line
    .replace(/^\uFEFF/, '')
    .trim()
    .replace(/,$/, '');

/** Lines of the owner's that are neither in their file nor in a sidecar that the report names. */
export function lostLines(generated: Tree, owners: Tree, change: ChangePlan, end: Tree): string[] {
  const all = [...generated.values()].join('\n').split('\n').map(bare);
  const known = new Set(all);
  return [...owners].flatMap(([path, text]) => {
    const base = new Set((generated.get(path) ?? '').split('\n').map(bare));
    // A moved file's old lines are known from its old place; a line that was generated elsewhere is new here.
    const mine = text
      .split('\n')
      .map(bare)
      .filter(line => line !== '' && !base.has(line) && (generated.has(path) || !known.has(line)));
    const outcome = change.files.find(file => (file.from ?? file.path) === path);
    const places = [
      outcome?.path ?? path,
      path,
      ...(outcome?.sidecar === undefined ? [] : [outcome.sidecar]),
    ];
    const now = new Set(places.flatMap(place => (end.get(place) ?? '').split('\n').map(bare)));
    const isKept = (line: string) => now.has(line) || (isKeyed(path) && hasComment([...now], line));
    return mine.filter(line => !isKept(line)).map(line => `${path}: ${line}`);
  });
}

const isKeyed = (path: string) => fileClass(path) === 'json-keys';

/** A comment that an owner put behind a value is theirs; the value itself goes by its key. */
function hasComment(lines: readonly string[], line: string): boolean {
  const [comment] = /\/\* \w+ \*\/$/.exec(line) ?? [];
  return comment !== undefined && lines.some(each => each.endsWith(comment));
}

/** Files with markers that the report does not call a conflict, and structured files that no longer parse. */
function unlisted({ files }: ChangePlan, end: Tree, start: Tree): string[] {
  const conflicts = new Set(
    files.flatMap(({ path, status, sidecar }) => [sidecar, status === 'conflict' ? path : '']),
  );
  return [...end].flatMap(([path, text]) => {
    if (/^(<{7}|>{7}) /m.test(text) && !conflicts.has(path)) return [`${path} has markers and is not listed`];
    if (!isKeyed(path) || start.get(path)?.includes('{ mine') || path.startsWith('.stage/')) return [];
    try {
      JSON.parse(text.replace(/^\uFEFF/, ''));
      return [];
    } catch {
      return path.endsWith('package.json') && !path.includes('.stage-') ? [`${path} does not parse`] : [];
    }
  });
}
