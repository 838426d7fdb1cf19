/** `create-backend-stage check [directory]`: for CI. Tells apart how a project differs from what its manifest says. */
import { resolve } from 'node:path';
import { type Drift, findDrift } from '../project/change/drift.ts';
import { openAnyhow } from '../project/generated.ts';
import { Damaged } from '../project/manifest.ts';
import { counted } from '../ui/words.ts';
import { guaranteeIds } from './guarantee-ids.ts';
import type { CommandResult } from './outcome.ts';
import type { CheckOptions } from './program.ts';
import type { CommandContext } from './run.ts';

const KINDS = ['corrupt', 'pending', 'missing', 'outdated', 'edited'] as const;

/** Edits are what a project is for: they count only with `--strict`. */
export async function check(
  typed: string | undefined,
  options: CheckOptions,
  { cwd, terminal }: CommandContext,
): Promise<CommandResult> {
  const drift = await driftOf(typed, cwd);
  const failing = KINDS.filter(
    kind => drift[kind].length > 0 && (kind !== 'edited' || options.strict === true),
  );
  const { red, green, yellow, dim } = terminal.paintResult;
  const lines = KINDS.flatMap(kind =>
    drift[kind].map(each => {
      const paint = failing.includes(kind) ? red : kind === 'edited' ? dim : yellow;
      return `${paint(kind.padEnd(8))}  ${each.path}${each.what === undefined ? '' : dim(`  ${each.what}`)}`;
    }),
  );
  const summary = KINDS.filter(kind => drift[kind].length > 0).map(kind => `${drift[kind].length} ${kind}`);
  const ok = failing.length === 0;
  const verdict = ok ? green('✓ as generated, or edited by you') : red(`✗ ${failing.join(', ')}`);
  return {
    ok,
    body: { directory: resolve(cwd, typed ?? '.'), strict: options.strict === true, ...drift },
    text: [...lines, `${verdict}${summary.length > 0 ? ` (${summary.join(', ')})` : ''}`].join('\n'),
    ...(ok
      ? {}
      : {
          error: {
            code: failing[0] ?? 'drift',
            message: `the project differs from its manifest: ${failing.map(kind => `${counted(drift[kind].length, 'file')} ${kind}`).join(', ')}`,
          },
        }),
  };
}

async function driftOf(typed: string | undefined, cwd: string): Promise<Drift> {
  try {
    return await findDrift(await openAnyhow(typed, cwd, guaranteeIds));
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    const corrupt = [{ path: '.stage/manifest.json', what: error.message }];
    return { corrupt, pending: [], missing: [], outdated: [], edited: [] };
  }
}
