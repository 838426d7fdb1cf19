/** Merges one file, whatever it is: what a merge cannot hold in the file goes into a sidecar, and what a file looks like is its owner's. */
import type { FileClass } from '../../plan/file-class.ts';
import { mergeJson } from './json-keys.ts';
import { mergeLineSet } from './line-set.ts';
import type { Merged, Sides } from './sides.ts';
import { inOwnersSpacing } from './spacing.ts';
import { mergeText, WHOLE_FILE } from './text.ts';
import { finalNewline, inShapeOf, linesOf, plainText, textOf } from './text-shape.ts';
import { type MergeOptions, settled, wholeFileConflict } from './whole-file.ts';
import { mergeYaml } from './yaml.ts';

/** The start of a conflict that an earlier merge left. */
const MARKER = /^<{7} /m;

type Merge = (sides: Sides<string>, options: MergeOptions, path: string) => Merged<string>;

const MERGES: Readonly<Record<Exclude<FileClass, 'binary'>, Merge>> = {
  text: mergeWords,
  'json-keys': mergeJson,
  yaml: mergeYaml,
  'line-set': (sides, _, path) => mergeLineSet(sides, /(^|\/)\.env[^/]*$/.test(path)),
};

/**
 * `path` is the file's name in the project, with `/`. Nothing that the owner wrote is lost: each line is in `content`, or else the
 * sidecar is `yours`, byte for byte. Byte order mark, line endings and final newline of `content` are the owner's, and the first two
 * those of a generated sidecar too. Binary files, and texts that are not UTF-8, are one conflict if both sides changed them.
 */
export function mergeFile(
  fileClass: FileClass,
  path: string,
  sides: Sides<Buffer>,
  options: MergeOptions,
): Merged<Buffer> {
  const { base, yours, generated } = sides;
  if (yours.equals(generated) || base?.equals(generated)) return { content: yours, conflicts: [], notes: [] };
  if (base?.equals(yours)) return { content: generated, conflicts: [], notes: [] };
  const texts = fileClass === 'binary' ? undefined : textsOf(sides);
  if (!texts || fileClass === 'binary') return wholeFileConflict(sides, options.mode, WHOLE_FILE);
  const { content, conflicts, sidecar, notes } = mergeTexts(fileClass, path, texts, options);
  const asOwned = (text: string) => (text === texts.yours ? yours : inShapeOf(yours, text));
  return {
    content: asOwned(content),
    conflicts,
    notes,
    ...(sidecar && { sidecar: { of: sidecar.of, content: asOwned(sidecar.content) } }),
  };
}

function mergeTexts(
  fileClass: Exclude<FileClass, 'binary'>,
  path: string,
  texts: Sides<string>,
  options: MergeOptions,
): Merged<string> {
  const quick = settled(texts);
  if (quick) return quick;
  // Where the generated file tells of markers itself, they are no unfinished merge.
  if (MARKER.test(texts.yours) && !MARKER.test(texts.base ?? texts.generated))
    return wholeFileConflict(texts, options.mode, `${WHOLE_FILE}: it holds conflict markers already`);
  const merged = MERGES[fileClass](texts, options, path);
  return merged.conflicts.length
    ? merged
    : { ...merged, content: textOf(linesOf(merged.content), finalNewline(texts)) };
}

/** Where lines collide that their owner only indented anew, it is tried again without counting that. */
function mergeWords(sides: Sides<string>, options: MergeOptions): Merged<string> {
  const merged = mergeText(sides, options);
  const spaced = merged.conflicts.length > 0 ? inOwnersSpacing(sides) : undefined;
  const again = spaced && mergeText(spaced, options);
  return again && again.conflicts.length === 0 ? again : merged;
}

function textsOf({ base, yours, generated }: Sides<Buffer>): Sides<string> | undefined {
  const [before, own, now] = [base && plainText(base), plainText(yours), plainText(generated)];
  if (own === undefined || now === undefined || (base && before === undefined)) return undefined;
  return { base: before, yours: own, generated: now };
}
