/** Refuses a stage that splits modules off where those modules are gone. */
import { UsageError } from '../../errors.ts';
import type { ChangeRequest, Subject } from './model.ts';

/**
 * A module is there as long as one of its generated files is: edited, moved, or with its folder under another name.
 * @param own the paths of the owner's own files
 * @throws UsageError naming the folders of which nothing generated is left
 */
export function requireSplit(
  { follow, answers }: Pick<ChangeRequest, 'follow' | 'answers'>,
  subjects: readonly Subject[],
  own: readonly string[],
): void {
  const gone = follow.splits.filter(folder => {
    const parts = subjects.filter(({ before }) => before?.path.startsWith(folder));
    return parts.some(({ generated }) => generated) && parts.every(({ found }) => found.kind === 'nothing');
  });
  if (gone.length === 0) return;
  const emptied = gone.filter(folder => own.some(path => path.startsWith(folder)));
  const absent = gone.filter(folder => !emptied.includes(folder));
  const what = [
    ...(absent.length === 0 ? [] : [`${listed(absent)} ${absent.length === 1 ? 'is' : 'are'} gone`]),
    ...(emptied.length === 0 ? [] : [`nothing generated is left in ${listed(emptied)}`]),
  ];
  throw new UsageError(
    `there is nothing to split: ${what.join(', and ')}`,
    `a program for each module of your own is your own step: create-backend-stage --stage ${answers.stage} in another folder shows how it can be done`,
  );
}

function listed(folders: readonly string[]): string {
  return folders.map(folder => folder.replace(/\/$/, '')).join(' and ');
}
