/** Another indentation, or what a formatter does to spaces, is no change that a merge should stumble over. */
import { pairsBetween } from './line-diff.ts';
import type { Sides } from './sides.ts';
import { linesOf, textOf } from './text-shape.ts';

/**
 * The sides with the owner's spacing: lines that they changed in nothing else are lines of the base, and where the generator left
 * them, of the generated text as well. Undefined where there are none.
 */
export function inOwnersSpacing({ base, yours, generated }: Sides<string>): Sides<string> | undefined {
  if (base === undefined) return undefined;
  const [before, own, now] = [linesOf(base), linesOf(yours), linesOf(generated)];
  const bare = (lines: readonly string[]) => lines.map(line => line.replace(/\s+/g, ''));
  const spaced = new Map<number, string>();
  for (const [at, ownAt] of pairsBetween(bare(before), bare(own)) ?? []) {
    const line = own[ownAt];
    if (line !== undefined && line !== before[at]) spaced.set(at, line);
  }
  const kept = spaced.size === 0 ? undefined : pairsBetween(before, now);
  if (!kept) return undefined;
  for (const [at, nowAt] of kept) now[nowAt] = spaced.get(at) ?? now[nowAt] ?? '';
  return {
    base: textOf(
      before.map((line, at) => spaced.get(at) ?? line),
      base.endsWith('\n'),
    ),
    yours,
    generated: textOf(now, generated.endsWith('\n')),
  };
}
