import type { FileWrite } from '../transaction/journal.ts';
import type { Subject } from './model.ts';
import { type OwnedFile, readOwned } from './read-owned.ts';

/** The file in its place with this content, and no longer where it was; nothing if that is how it is. */
export function replace(subject: Subject, content: Buffer, mode = modeOf(subject)): FileWrite[] {
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

export function removal(path: string, found: OwnedFile): FileWrite {
  return { path, expected: stateOf(found) };
}

export function stateOf(found: OwnedFile) {
  return found.kind === 'file' ? { sha256: found.sha256, mode: found.mode } : undefined;
}

const ENDINGS = { generated: '.stage-new', yours: '.stage-yours' } as const;

/** A free name beside the file; the same one again if it holds just this. */
export async function beside(
  directory: string,
  path: string,
  { of, content }: { readonly of: 'yours' | 'generated'; readonly content: Buffer },
) {
  for (let count = 1; ; count++) {
    const name = `${path}${ENDINGS[of]}${count === 1 ? '' : `-${count}`}`;
    const found = await readOwned(directory, name);
    if (found.kind === 'nothing') {
      return { path: name, write: [{ path: name, content, mode: 0o644, expected: undefined }] };
    }
    if (found.kind === 'file' && found.bytes.equals(content)) return { path: name, write: [] };
  }
}
