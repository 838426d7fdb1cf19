/** Files that their owner deleted, and that the project cannot do without any more. */
import { resolved } from './follow.ts';
import type { ChangeRequest, Result } from './model.ts';
import { offer } from './settle.ts';

const IMPORT = /\bfrom\s*['"]([.#][^'"]+)['"]|\bimport\(?\s*['"]([.#][^'"]+)['"]/g;

/** A file that its owner deleted, but that what is written now imports: without it, the project does not compile. */
export async function requireDeleted(
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
