/**
 * Plans what growing or regenerating does to a project: the files as they were generated, as their owner has them, and as they are
 * generated now, brought together in memory. Nothing is written here.
 */
import type { Answers } from '../../journey/options.ts';
import type { Plan, PlannedFile } from '../../plan/plan.ts';
import {
  BASELINE_FOLDER,
  baselinePath,
  isInside,
  MANIFEST_PATH,
  type Manifest,
  type ManifestFile,
  type Place,
  recordsOf,
  sha256,
} from '../manifest.ts';
import { mergeFile } from '../merge/file.ts';
import type { ConflictMode, Labels } from '../merge/sides.ts';
import type { FileWrite } from '../transaction/journal.ts';
import { readBaseline } from './baseline.ts';
import { DECISIONS, type Generated, type Yours } from './decide.ts';
import { type Found, listFiles, look } from './look.ts';
import { findMoved } from './moved.ts';
import { PENDING_PATH, pendingText } from './pending.ts';

export type Status =
  | 'added'
  | 'updated'
  | 'merged'
  | 'moved'
  | 'removed'
  | 'unchanged'
  /** Edited by its owner; there is nothing new to bring in, or it is the same. */
  | 'yours'
  /** Edited by its owner; the generator has no such file any more. */
  | 'kept'
  | 'deleted-by-you'
  | 'conflict';

/** What becomes of one file. */
export interface FileOutcome {
  /** Where it is afterwards. */
  readonly path: string;
  readonly status: Status;
  /** Where it was, if it is moved. */
  readonly from?: string;
  /** What is in conflict, in words that are found in the file. */
  readonly conflicts?: readonly string[];
  /** Written beside it: the other side of a conflict. */
  readonly sidecar?: string;
  readonly notes?: readonly string[];
}

export interface ChangeRequest {
  /** Absolute. */
  readonly directory: string;
  /** As it was generated. */
  readonly manifest: Manifest;
  /** As it is to be. */
  readonly answers: Answers;
  readonly plan: Plan;
  readonly version: string;
  /** Where the stages that are climbed take a generated file; undefined where they drop it. */
  readonly grownPath: (path: string) => string | undefined;
  /** Where they take a file that its owner has added. */
  readonly grownOwnPath: (path: string) => string;
  /** The files as the same version generated them from the same answers, should a baseline be gone. */
  readonly generatedAgain: () => Promise<ReadonlyMap<string, Buffer>>;
  readonly command: 'grow' | 'regenerate';
  readonly mode: ConflictMode;
}

export interface ChangePlan {
  /** Every file that is or was generated, and those of the owner's that go along; sorted by path. */
  readonly files: readonly FileOutcome[];
  /** In the order in which they are to be made: the manifest after everything that it tells of. Empty: nothing is to be done. */
  readonly writes: readonly FileWrite[];
}

/** One file, from all sides. */
interface Subject {
  /** As it was generated, if it was. */
  readonly before?: { readonly path: string; readonly entry: ManifestFile; readonly bytes?: Buffer };
  /** Where its owner has it, or would have it. */
  readonly at: string;
  readonly found: Found;
  /** Where it belongs. */
  readonly target: string;
  readonly generated?: PlannedFile;
}

/** What becomes of a subject, with what has to be written for it. */
interface Result {
  readonly subject: Subject;
  readonly outcome: FileOutcome;
  readonly writes: readonly FileWrite[];
  readonly place?: Place;
}

export async function planChange(request: ChangeRequest): Promise<ChangePlan> {
  const { subjects, own } = await gather(request);
  const drafts: Result[] = [];
  for (const subject of subjects) drafts.push(await settle(request, subject));
  const results = await Promise.all(drafts.map(draft => requireDeleted(request, draft, drafts)));
  results.push(...(await followOwn(request, own)));
  const files = results.map(({ outcome }) => outcome).sort((a, b) => (a.path < b.path ? -1 : 1));
  const writes = results.flatMap(result => result.writes);
  const isFirst = ({ content }: FileWrite) => content !== undefined;
  return {
    files,
    writes: [
      ...(await recordWrites(request, results, files)),
      ...[...writes.filter(isFirst), ...writes.filter(write => !isFirst(write))],
    ].sort((a, b) => rank(a) - rank(b)),
  };
}

/** Baseline, files, pending conflicts, manifest; and last what the manifest no longer tells of. */
function rank({ path, content }: FileWrite): number {
  if (path === MANIFEST_PATH) return 3;
  if (path === PENDING_PATH) return 2;
  if (path.startsWith('.stage/')) return content ? 0 : 4;
  return 1;
}

// ── What there is ────────────────────────────────────────────────────────────────────────────────────────────────────────

async function gather(request: ChangeRequest): Promise<{ subjects: Subject[]; own: string[] }> {
  const { directory, manifest, plan } = request;
  const baseline = await readBaseline(directory, manifest, request.generatedAgain);
  const planned = new Map(plan.files.map(file => [file.path, file]));
  const known = new Set([...Object.keys(manifest.files), ...planned.keys()]);
  for (const { movedTo } of Object.values(manifest.files)) if (movedTo) known.add(movedTo);
  const before = await Promise.all(
    Object.entries(manifest.files).map(async ([path, entry]) => {
      const bytes = baseline.get(path);
      return { path, entry, ...(bytes ? { bytes } : {}), ...(await whereabouts(directory, path, entry)) };
    }),
  );
  const missing = before.flatMap(({ path, entry, bytes, found }) =>
    found.kind === 'nothing' && bytes && !entry.deleted ? [{ path, bytes, sha256: entry.sha256 }] : [],
  );
  const own = await ownFiles(request, known, missing.length > 0);
  const moved = await findMoved(directory, missing, own);
  const subjects: Subject[] = [];
  const claimed = new Set<string>();
  for (const { at, found, ...was } of before) {
    const now = moved.get(was.path) ?? at;
    const grown = request.grownPath(was.path);
    const generated = grown === undefined ? undefined : planned.get(grown);
    if (generated) claimed.add(generated.path);
    const home = generated ? (now === was.path ? generated.path : request.grownOwnPath(now)) : now;
    subjects.push({
      before: was,
      at: now,
      found: now === at ? found : await look(directory, now),
      target: home,
      ...(generated ? { generated } : {}),
    });
  }
  for (const file of plan.files.filter(({ path }) => !claimed.has(path))) {
    subjects.push({
      at: file.path,
      found: await look(directory, file.path),
      target: file.path,
      generated: file,
    });
  }
  const elsewhere = new Set(moved.values());
  return { subjects, own: own.filter(path => !elsewhere.has(path)) };
}

/** Where the owner has a generated file: where the manifest has seen it last, or in its first place. */
async function whereabouts(directory: string, path: string, { movedTo }: ManifestFile) {
  for (const at of movedTo ? [movedTo, path] : [path]) {
    const found = await look(directory, at);
    if (found.kind !== 'nothing') return { at, found };
  }
  return { at: path, found: { kind: 'nothing' } as Found };
}

/** The owner's own files, where they are of interest: some of them may be moved files, and some go along. */
async function ownFiles(
  { directory, manifest, answers }: ChangeRequest,
  known: ReadonlySet<string>,
  isSearching: boolean,
): Promise<string[]> {
  if (!isSearching && manifest.answers.stage === answers.stage) return [];
  return (await listFiles(directory)).filter(path => !known.has(path) && isInside(path));
}

// ── What becomes of it ───────────────────────────────────────────────────────────────────────────────────────────────────

function yoursOf({ before, found }: Subject): Yours {
  if (found.kind === 'blocked') return 'blocked';
  if (!before) return found.kind === 'nothing' ? 'absent' : 'own';
  if (found.kind === 'nothing') return 'deleted';
  return found.sha256 === before.entry.sha256 ? 'untouched' : 'edited';
}

function generatedOf({ before, generated }: Subject): Generated {
  if (!generated) return 'dropped';
  return before && sha256(generated.bytes) === before.entry.sha256 ? 'same' : 'changed';
}

async function settle(request: ChangeRequest, subject: Subject): Promise<Result> {
  const action = DECISIONS[yoursOf(subject)][generatedOf(subject)];
  const { at, target, found, generated } = subject;
  const ending = (status: Status, writes: FileWrite[] = [], more: Partial<FileOutcome> = {}): Result => ({
    subject,
    outcome: { path: target, status, ...(at === target ? {} : { from: at }), ...more },
    writes,
    ...placeOf(subject),
  });
  if (at !== target && found.kind === 'file' && (await look(request.directory, target)).kind !== 'nothing') {
    return offer(request, subject, `its new place ${target} is taken`);
  }
  switch (action) {
    case 'add':
      return ending('added', generated ? replace(subject, generated.bytes, generated.mode) : []);
    case 'update':
      return ending('updated', generated ? replace(subject, generated.bytes) : []);
    case 'remove':
      return { ...ending('removed', [removal(at, found)]), outcome: { path: at, status: 'removed' } };
    case 'leave': {
      if (found.kind !== 'file') return ending('unchanged');
      const writes = replace(subject, found.bytes);
      const status = yoursOf(subject) === 'edited' ? 'yours' : 'unchanged';
      return ending(at !== target ? 'moved' : writes.length > 0 ? 'updated' : status, writes);
    }
    case 'keep':
      return ending('kept');
    case 'stay-deleted':
      return ending('deleted-by-you');
    case 'offer':
      return offer(
        request,
        subject,
        found.kind === 'blocked' ? `it is ${found.what}` : 'nothing can be there',
      );
    case 'merge':
      return merge(request, subject, ending);
  }
}

async function merge(
  request: ChangeRequest,
  subject: Subject,
  ending: (status: Status, writes?: FileWrite[], more?: Partial<FileOutcome>) => Result,
): Promise<Result> {
  const { before, found, generated, target } = subject;
  if (found.kind !== 'file' || !generated) throw new Error(`nothing to merge for ${target}`);
  if (before && !before.bytes) {
    return offer(request, subject, 'what was generated before is lost, so the two cannot be merged');
  }
  const sides = { base: before?.bytes, yours: found.bytes, generated: generated.bytes };
  const options = { mode: request.mode, labels: labelsOf(request) };
  const merged = mergeFile(generated.class, target, sides, options);
  const notes = merged.notes.length > 0 ? { notes: merged.notes } : {};
  const writes = replace(subject, merged.content);
  if (merged.conflicts.length === 0) {
    const isSame = merged.content.equals(found.bytes);
    return ending(isSame ? (subject.at === target ? 'yours' : 'moved') : 'merged', writes, notes);
  }
  const sidecar = merged.sidecar && (await beside(request.directory, target, merged.sidecar));
  const all = [...writes, ...(sidecar?.write ?? [])];
  const named = sidecar === undefined ? {} : { sidecar: sidecar.path };
  const settledFor = SETTLED[request.mode];
  if (settledFor === undefined)
    return ending('conflict', all, { conflicts: merged.conflicts, ...named, ...notes });
  const told = merged.conflicts.map(where => `${where}: settled for ${settledFor}`);
  return ending('merged', all, { notes: [...told, ...merged.notes], ...named });
}

/** How conflicts are settled that nobody is to be asked about. */
const SETTLED: Readonly<Partial<Record<ConflictMode, string>>> = { ours: 'you', theirs: 'the generator' };

/** The generated file goes beside what is there, or where it would be. */
async function offer(request: ChangeRequest, subject: Subject, why: string): Promise<Result> {
  const { at, generated } = subject;
  const outcome = { path: at, status: 'conflict' as const, conflicts: [why] };
  const place = placeOf({ ...subject, target: at });
  if (!generated)
    return { subject, outcome: { path: at, status: 'kept', notes: [why] }, writes: [], ...place };
  const blocked = subject.found.kind === 'blocked' && subject.found.what.startsWith('b');
  // Below a link or a file there is no room: the sidecar then lies at the top, under the whole path's name.
  const room = blocked ? generated.path.replaceAll('/', '__') : subject.at;
  const sidecar = { of: 'generated' as const, content: generated.bytes };
  const { path, write } = await beside(request.directory, room, sidecar);
  return { subject, outcome: { ...outcome, sidecar: path }, writes: write, ...place };
}

function labelsOf({ manifest, answers, version }: ChangeRequest): Labels {
  return {
    yours: 'yours',
    base: `generated before (${manifest.stage}, ${manifest.version})`,
    generated: `generated now (${answers.stage}, ${version})`,
  };
}

/** What the manifest has to remember besides: that its owner has moved the file, or does without it. */
function placeOf({ before, generated, target, found }: Subject): { place?: Place } {
  if (!generated) return {};
  if (before && found.kind === 'nothing') return { place: { deleted: true } };
  return target === generated.path ? {} : { place: { movedTo: target } };
}

// ── What is written ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The file in its place with this content, and no longer where it was; nothing if that is how it is. */
function replace(subject: Subject, content: Buffer, mode = modeOf(subject)): FileWrite[] {
  const { at, target, found } = subject;
  if (at !== target) return [{ path: target, content, mode, expected: undefined }, removal(at, found)];
  if (found.kind === 'file' && found.mode === mode && found.bytes.equals(content)) return [];
  return [{ path: target, content, mode, expected: stateOf(found) }];
}

/** The owner's mode, unless the generator has made the file executable, or no longer does. */
function modeOf({ before, found, generated }: Subject): number {
  const own = found.kind === 'file' ? found.mode : (generated?.mode ?? 0o644);
  const [was, is] = [Number.parseInt(before?.entry.mode ?? '', 8), generated?.mode];
  if (!before || is === undefined || was === is) return own;
  // Executable for those who can read it.
  return is & 0o100 ? own | ((own & 0o444) >> 2) : own & ~0o111;
}

function removal(path: string, found: Found): FileWrite {
  return { path, expected: stateOf(found) };
}

function stateOf(found: Found) {
  return found.kind === 'file' ? { sha256: found.sha256, mode: found.mode } : undefined;
}

const ENDINGS = { generated: '.stage-new', yours: '.stage-yours' } as const;

/** A free name beside the file; the same one again if it holds just this. */
async function beside(
  directory: string,
  path: string,
  { of, content }: { readonly of: 'yours' | 'generated'; readonly content: Buffer },
) {
  for (let count = 1; ; count++) {
    const name = `${path}${ENDINGS[of]}${count === 1 ? '' : `-${count}`}`;
    const found = await look(directory, name);
    if (found.kind === 'nothing') {
      return { path: name, write: [{ path: name, content, mode: 0o644, expected: undefined }] };
    }
    if (found.kind === 'file' && found.bytes.equals(content)) return { path: name, write: [] };
  }
}

async function recordWrites(
  { directory, plan, answers, version, command, manifest }: ChangeRequest,
  results: readonly Result[],
  files: readonly FileOutcome[],
): Promise<FileWrite[]> {
  const places = new Map(
    results.flatMap(({ subject: { generated }, place }) =>
      generated && place ? [[generated.path, place] as const] : [],
    ),
  );
  const records = recordsOf(plan, answers, version, places);
  const writes: FileWrite[] = [];
  for (const { path, bytes, mode } of records) {
    const found = await look(directory, path);
    if (found.kind === 'file' && found.bytes.equals(bytes)) continue;
    writes.push({
      path,
      content: bytes,
      mode: found.kind === 'file' ? found.mode : mode,
      expected: stateOf(found),
    });
  }
  const pending = await look(directory, PENDING_PATH);
  const conflicts = files.filter(({ status }) => status === 'conflict');
  if (conflicts.length > 0) {
    const text = pendingText({ command, from: manifest.stage, to: answers.stage }, conflicts);
    writes.push({ path: PENDING_PATH, content: Buffer.from(text), mode: 0o644, expected: stateOf(pending) });
  } else if (pending.kind === 'file') writes.push(removal(PENDING_PATH, pending));
  const still = new Set(records.map(({ path }) => path));
  const old = new Set(Object.values(manifest.files).map(entry => baselinePath(entry.sha256)));
  for (const path of [...old].filter(each => !still.has(each) && each.startsWith(BASELINE_FOLDER))) {
    const found = await look(directory, path);
    if (found.kind === 'file') writes.push(removal(path, found));
  }
  return writes;
}

// ── The owner's own files, and those that they deleted ───────────────────────────────────────────────────────────────────

async function followOwn(
  { directory, grownOwnPath }: ChangeRequest,
  own: readonly string[],
): Promise<Result[]> {
  const results: Result[] = [];
  for (const at of own) {
    const target = grownOwnPath(at);
    if (target === at) continue;
    const found = await look(directory, at);
    const subject: Subject = { at, target, found };
    const isFree = (await look(directory, target)).kind === 'nothing';
    if (found.kind !== 'file') continue;
    results.push(
      isFree
        ? {
            subject,
            outcome: {
              path: target,
              from: at,
              status: 'moved',
              notes: ['yours: it goes along with its folder'],
            },
            writes: replace(subject, found.bytes, found.mode),
          }
        : {
            subject,
            outcome: { path: at, status: 'kept', notes: [`yours: its folder moved, but ${target} is taken`] },
            writes: [],
          },
    );
  }
  return results;
}

const IMPORT = /\bfrom\s*['"]([.#][^'"]+)['"]|\bimport\(?\s*['"]([.#][^'"]+)['"]/g;

/** A file that its owner deleted, but that what is written now imports: without it, the project does not compile. */
async function requireDeleted(
  request: ChangeRequest,
  draft: Result,
  all: readonly Result[],
): Promise<Result> {
  const { subject, outcome } = draft;
  if (outcome.status !== 'deleted-by-you' || !subject.generated) return draft;
  const needed = subject.generated.path;
  const user = all
    .flatMap(({ writes }) => writes)
    .find(({ path, content }) => path.endsWith('.ts') && content && imports(path, content, needed));
  if (!user) return draft;
  return offer(request, { ...subject, at: needed }, `you deleted it, and ${user.path} needs it now`);
}

function imports(from: string, content: Buffer, needed: string): boolean {
  for (const [, one, other] of content.toString('utf8').matchAll(IMPORT)) {
    const name = one ?? other ?? '';
    const kit = /^#kit\/(.+)$/.exec(name)?.[1];
    if (kit !== undefined ? isKit(needed, kit) : resolved(from, name) === needed) return true;
  }
  return false;
}

function isKit(path: string, name: string): boolean {
  return [`src/kit/${name}.ts`, `packages/kit/src/${name}.ts`].includes(path);
}

function resolved(from: string, name: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
