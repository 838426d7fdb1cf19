/** Moves the owner's own files along with the folders that a stage moves. */
import { replace } from './file-writes.ts';
import type { ChangeRequest, Result, Subject } from './model.ts';
import { readOwned } from './read-owned.ts';

/** @param taken where something else comes to lie */
export async function moveOwnFiles(
  { directory, grownOwnPath }: ChangeRequest,
  own: readonly string[],
  taken: ReadonlySet<string>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const at of own) {
    const target = grownOwnPath(at);
    if (target === at) continue;
    const found = await readOwned(directory, at);
    const subject: Subject = { at, target, found };
    const isFree = !taken.has(target) && (await readOwned(directory, target)).kind === 'nothing';
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
