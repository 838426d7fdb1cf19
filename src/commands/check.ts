/** `create-backend-stage check [directory]`: for CI. Tells apart how a project differs from what its manifest says. */
import { resolve } from 'node:path';
import { Damaged } from '../errors.ts';
import { type Drift, type DriftedFile, findDrift } from '../project/change/drift.ts';
import { openAnyhow } from '../project/generated.ts';
import { counted } from '../ui/words.ts';
import { guaranteeIds } from './guarantee-ids.ts';
import type { CommandResult } from './outcome.ts';
import type { CheckOptions } from './program.ts';
import type { CommandContext } from './run.ts';

const KINDS = ['corrupt', 'pending', 'missing', 'outdated', 'moved', 'edited'] as const;
type Kind = (typeof KINDS)[number];

/** What a project is for: it counts only with `--strict`. */
const OWNERS_RIGHT: readonly Kind[] = ['moved', 'edited'];

/** As it does for every other run to come. */
const RECORDED = 'create-backend-stage regenerate records it';

export async function check(
  typed: string | undefined,
  options: CheckOptions,
  { cwd, terminal }: CommandContext,
): Promise<CommandResult> {
  const drift = await driftOf(typed, cwd);
  const failing = KINDS.filter(
    kind => drift[kind].length > 0 && (options.strict === true || !OWNERS_RIGHT.includes(kind)),
  );
  const { red, green, yellow, dim } = terminal.paintResult;
  const lines = KINDS.flatMap(kind => {
    const paint = failing.includes(kind) ? red : OWNERS_RIGHT.includes(kind) ? dim : yellow;
    return linesOf(drift, kind).map(
      ({ path, what }) => `${paint(kind.padEnd(8))}  ${path}${what === undefined ? '' : dim(`  ${what}`)}`,
    );
  });
  const summary = KINDS.filter(kind => drift[kind].length > 0).map(kind => `${drift[kind].length} ${kind}`);
  const ok = failing.length === 0;
  const verdict = ok ? green('✓ as generated, or edited by you') : red(`✗ ${failing.join(', ')}`);
  const hint =
    drift.missing.length > 0
      ? `deleted on purpose? ${RECORDED}`
      : failing.includes('moved')
        ? `moved for good? ${RECORDED}`
        : undefined;
  return {
    ok,
    body: { directory: resolve(cwd, typed ?? '.'), strict: options.strict === true, ...drift },
    text: [
      ...lines,
      `${verdict}${summary.length > 0 ? ` (${summary.join(', ')})` : ''}`,
      ...(hint === undefined ? [] : [hint]),
    ].join('\n'),
    ...(ok
      ? {}
      : {
          error: {
            code: failing[0] ?? 'drift',
            message: `the project differs from its manifest: ${failing.map(kind => `${counted(drift[kind].length, 'file')} ${kind}`).join(', ')}`,
            ...(hint === undefined ? {} : { hint }),
          },
        }),
  };
}

function linesOf(drift: Drift, kind: Kind): readonly DriftedFile[] {
  return kind === 'moved'
    ? drift.moved.map(({ from, to }) => ({ path: from, what: `moved to ${to}` }))
    : drift[kind];
}

async function driftOf(typed: string | undefined, cwd: string): Promise<Drift> {
  try {
    return await findDrift(await openAnyhow(typed, cwd, guaranteeIds));
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    const corrupt = [{ path: '.stage/manifest.json', what: error.message }];
    return { corrupt, pending: [], missing: [], moved: [], outdated: [], edited: [] };
  }
}
