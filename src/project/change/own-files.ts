/** The owner's own files go along with the folders that a stage moves. */
import { look } from './look.ts';
import type { ChangeRequest, Result, Subject } from './model.ts';
import { replace } from './outcome.ts';

/** @param taken where something else comes to lie */
export async function followOwn(
  { directory, grownOwnPath }: ChangeRequest,
  own: readonly string[],
  taken: ReadonlySet<string>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const at of own) {
    const target = grownOwnPath(at);
    if (target === at) continue;
    const found = await look(directory, at);
    const subject: Subject = { at, target, found };
    const isFree = !taken.has(target) && (await look(directory, target)).kind === 'nothing';
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
