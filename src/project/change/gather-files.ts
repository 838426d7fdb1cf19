/** Gathers what a change is planned from: each file as it was generated, as its owner has it, and as it is generated now. */
import { isInside } from '../manifest.ts';
import { readBaseline } from './baseline.ts';
import { findMoved } from './find-moved.ts';
import type { ChangeRequest, Subject } from './model.ts';
import { readOwned } from './read-owned.ts';
import { renameInFiles } from './rename-in-files.ts';
import { ownersFiles, whereabouts } from './whereabouts.ts';

/** @returns every file that is or was generated, and the owner's own files as far as they are of interest */
export async function gatherFiles(
  request: ChangeRequest,
): Promise<{ readonly subjects: readonly Subject[]; readonly own: readonly string[] }> {
  const { directory, manifest, plan } = request;
  const baseline = await readBaseline(directory, manifest, request.generatedAgain);
  const planned = new Map(plan.files.map(file => [file.path, file]));
  const before = await Promise.all(
    Object.entries(manifest.files).map(async ([path, entry]) => {
      const bytes = baseline.get(path);
      return { path, entry, ...(bytes ? { bytes } : {}), ...(await whereabouts(directory, path, entry)) };
    }),
  );
  const missing = before.flatMap(({ path, entry, bytes, found }) =>
    found.kind === 'nothing' && bytes && !entry.deleted ? [{ path, bytes, sha256: entry.sha256 }] : [],
  );
  const own = await ownFiles(request, planned.keys(), missing.length > 0);
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
      found: now === at ? found : await readOwned(directory, now),
      target: home,
      ...(generated ? { generated } : {}),
    });
  }
  for (const file of plan.files.filter(({ path }) => !claimed.has(path))) {
    subjects.push({
      at: file.path,
      found: await readOwned(directory, file.path),
      target: file.path,
      generated: file,
    });
  }
  const elsewhere = new Set(moved.values());
  return {
    subjects: renameInFiles(subjects.map(stayingApart), request.follow),
    own: own.filter(path => !elsewhere.has(path)),
  };
}

/** Where two files would come to lie in one place, the one that its owner had moved stays where it is. */
function stayingApart(subject: Subject, _index: number, all: readonly Subject[]): Subject {
  const { before, at, target } = subject;
  const isMoved = before !== undefined && at !== before.path;
  const isShared = isMoved && all.some(other => other !== subject && other.target === target);
  return isShared ? { ...subject, target: at } : subject;
}

/** The owner's own files, where they are of interest: some of them may be moved files, and some go along. */
async function ownFiles(
  { directory, manifest, answers }: ChangeRequest,
  planned: Iterable<string>,
  isSearching: boolean,
): Promise<string[]> {
  if (!isSearching && manifest.answers.stage === answers.stage) return [];
  return (await ownersFiles(directory, manifest, planned)).filter(isInside);
}
