/** `create-backend-stage diff [directory]`: the owner's edits, or what regenerating would bring, as unified diffs. */
import { planProject } from '../plan/plan.ts';
import { readBaseline } from '../project/change/baseline.ts';
import { readOwned } from '../project/change/read-owned.ts';
import { type GeneratedProject, openAnyhow } from '../project/generated.ts';
import { unifiedDiff } from '../project/merge/unified-diff.ts';
import type { Painter } from '../ui/terminal.ts';
import type { CommandResult } from './outcome.ts';
import type { CommandContext } from './run.ts';

/** One file on both sides; undefined: it is not there. */
interface Pair {
  readonly path: string;
  /** Where it is on the other side, if its owner moved it. */
  readonly movedTo?: string;
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

interface DiffOptions {
  /** What regenerating would bring, instead of the edits. */
  readonly upstream?: boolean;
}

export async function diff(
  typed: string | undefined,
  options: DiffOptions,
  { cwd, terminal }: CommandContext,
): Promise<CommandResult> {
  const project = await openAnyhow(typed, cwd);
  const { files } = await planProject(project.manifest.answers, project.stageFile);
  const now = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const baseline = await readBaseline(project.directory, project.manifest, async () => now);
  const pairs = options.upstream ? upstream(project, baseline, now) : await edits(project, baseline);
  const patches = pairs
    .filter(({ before, after, movedTo }) => movedTo !== undefined || !same(before, after))
    .map(pair => ({ path: pair.movedTo ?? pair.path, patch: patchOf(pair) }));
  const text = patches.map(({ patch }) => painted(patch, terminal.paintResult)).join('\n');
  return {
    ok: patches.length === 0,
    body: { directory: project.directory, upstream: options.upstream === true, files: patches },
    ...(patches.length === 0 ? {} : { text, error: { code: 'differs', message: 'there are differences' } }),
  };
}

async function edits(
  { directory, manifest }: GeneratedProject,
  baseline: ReadonlyMap<string, Buffer>,
): Promise<Pair[]> {
  return Promise.all(
    Object.entries(manifest.files).map(async ([path, { movedTo }]) => {
      const found = await readOwned(directory, movedTo ?? path);
      const after = found.kind === 'file' ? found.bytes : undefined;
      return { path, before: baseline.get(path), after, ...(movedTo === undefined ? {} : { movedTo }) };
    }),
  );
}

function upstream(
  { manifest }: GeneratedProject,
  baseline: ReadonlyMap<string, Buffer>,
  now: ReadonlyMap<string, Buffer>,
): Pair[] {
  const paths = [...new Set([...Object.keys(manifest.files), ...now.keys()])].sort();
  return paths.map(path => ({ path, before: baseline.get(path), after: now.get(path) }));
}

function same(before: Buffer | undefined, after: Buffer | undefined): boolean {
  return before === after || (before !== undefined && after !== undefined && before.equals(after));
}

function patchOf({ path, movedTo, before, after }: Pair): string {
  const [from, to] = [`a/${path}`, `b/${movedTo ?? path}`];
  if (before?.includes(0) || after?.includes(0)) return `Binary files ${from} and ${to} differ\n`;
  return unifiedDiff(from, to, before?.toString('utf8'), after?.toString('utf8'));
}

function painted(patch: string, { bold, red, green, cyan }: Painter): string {
  const paint = (line: string) => {
    if (/^(---|\+\+\+) /.test(line)) return bold(line);
    if (line.startsWith('@@')) return cyan(line);
    if (line.startsWith('-')) return red(line);
    return line.startsWith('+') ? green(line) : line;
  };
  return patch.trimEnd().split('\n').map(paint).join('\n');
}
