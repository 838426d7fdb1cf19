/** Offers a file again that its owner deleted and that what is written now imports. */
import { offer } from './apply-decision.ts';
import type { ChangeRequest, Result } from './model.ts';
import { resolved } from './rename-in-files.ts';

const IMPORT = /\bfrom\s*['"]([.#][^'"]+)['"]|\bimport\(?\s*['"]([.#][^'"]+)['"]/g;

/** A file that its owner deleted, but that what is written now imports: without it, the project does not compile. */
export async function restoreImported(
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
