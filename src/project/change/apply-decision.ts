/** Works out what becomes of each file, by the table in decide.ts. */
import { type OwnersPlace, sha256 } from '../manifest.ts';
import { mergeFile } from '../merge/file.ts';
import type { ConflictMode, Labels } from '../merge/sides.ts';
import type { FileWrite } from '../transaction/journal.ts';
import { DECISIONS, type Generated, type Yours } from './decide.ts';
import { beside, removal, replace } from './file-writes.ts';
import type { ChangeRequest, FileOutcome, FileStatus, Result, Subject } from './model.ts';
import { readOwned } from './read-owned.ts';

function yoursOf({ before, found }: Subject): Yours {
  if (found.kind === 'blocked') return 'blocked';
  if (!before) return found.kind === 'nothing' ? 'absent' : 'own';
  if (found.kind === 'nothing') return 'deleted';
  return found.sha256 === before.entry.sha256 ? 'untouched' : 'edited';
}

function generatedOf({ before, generated }: Subject): Generated {
  if (!generated) return 'dropped';
  const isSame = before?.bytes
    ? before.bytes.equals(generated.bytes)
    : sha256(generated.bytes) === before?.entry.sha256;
  return isSame ? 'same' : 'changed';
}

/** Looks the file up in the table and carries the action out in memory. */
export async function applyDecision(request: ChangeRequest, subject: Subject): Promise<Result> {
  const action = DECISIONS[yoursOf(subject)][generatedOf(subject)];
  const { at, target, found, generated } = subject;
  const ending = (status: FileStatus, writes: FileWrite[] = [], more: Partial<FileOutcome> = {}): Result => ({
    subject,
    outcome: { path: target, status, ...(at === target ? {} : { from: at }), ...more },
    writes,
    ...placeOf(subject),
  });
  if (
    at !== target &&
    found.kind === 'file' &&
    (await readOwned(request.directory, target)).kind !== 'nothing'
  ) {
    return offer(request, subject, `its new place ${target} is taken`);
  }
  switch (action) {
    case 'add':
      return ending('added', generated ? replace(subject, generated.bytes, generated.mode) : [], {
        ...(subject.notes ? { notes: subject.notes } : {}),
      });
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
  ending: (status: FileStatus, writes?: FileWrite[], more?: Partial<FileOutcome>) => Result,
): Promise<Result> {
  const { before, found, generated, target } = subject;
  if (found.kind !== 'file' || !generated) throw new Error(`nothing to merge for ${target}`);
  if (before && !before.bytes) {
    return offer(request, subject, 'what was generated before is lost, so the two cannot be merged');
  }
  const yours = subject.mine ?? found.bytes;
  const sides = { base: before?.bytes, yours, generated: generated.bytes };
  const options = { mode: request.mode, labels: labelsOf(request) };
  const merged = mergeFile(generated.class, target, sides, options);
  const notes = merged.notes.length > 0 ? { notes: merged.notes } : {};
  if (merged.conflicts.length === 0) {
    const isSame = merged.content.equals(found.bytes);
    const status = isSame ? (subject.at === target ? 'yours' : 'moved') : 'merged';
    return ending(status, replace(subject, merged.content), notes);
  }
  // What stays its owner's as a whole stays as they wrote it, and not as it was prepared for the merge.
  const asFound = (bytes: Buffer) => (bytes.equals(yours) ? found.bytes : bytes);
  const { sidecar: other } = merged;
  const sidecar =
    other && (await beside(request.directory, target, { ...other, content: asFound(other.content) }));
  const all = [...replace(subject, asFound(merged.content)), ...(sidecar?.write ?? [])];
  const named = sidecar === undefined ? {} : { sidecar: sidecar.path };
  const decidedFor = DECIDED_FOR[request.mode];
  if (decidedFor === undefined)
    return ending('conflict', all, { conflicts: merged.conflicts, ...named, ...notes });
  const told = merged.conflicts.map(where => `${where}: settled for ${decidedFor}`);
  return ending('merged', all, { notes: [...told, ...merged.notes], ...named });
}

/** How conflicts are settled that nobody is to be asked about. */
const DECIDED_FOR: Readonly<Partial<Record<ConflictMode, string>>> = { ours: 'you', theirs: 'the generator' };

/** The generated file goes beside what is there, or where it would be. */
export async function offer(request: ChangeRequest, subject: Subject, why: string): Promise<Result> {
  const { at, generated } = subject;
  const outcome = { path: at, status: 'conflict' as const, conflicts: [why] };
  const place = placeOf({ ...subject, target: at });
  if (!generated)
    return { subject, outcome: { path: at, status: 'kept', notes: [why] }, writes: [], ...place };
  // Where no folder is there is no room beside: the sidecar then lies at the top, under the whole path's name.
  const hasRoom = subject.found.kind !== 'blocked' || subject.found.hasFolder;
  const room = hasRoom ? at : generated.path.replaceAll('/', '__');
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
function placeOf({ before, generated, target, found }: Subject): { place?: OwnersPlace } {
  if (!generated) return {};
  if (before && found.kind === 'nothing') return { place: { deleted: true } };
  return target === generated.path ? {} : { place: { movedTo: target } };
}
