/** Running a project's guarantees and telling what came of it: shared by `create` and `verify`. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { selectEngine } from '../engines/select.ts';
import type { Painter } from '../ui/terminal.ts';
import { cut, duration } from '../ui/words.ts';
import { summaryOf, type VerifyReport } from '../verify/report.ts';
import type { CommandContext } from './run.ts';

export type Verification =
  | { readonly status: 'kept' | 'broken' | 'not-verified'; readonly report: VerifyReport }
  | {
      /** Broken without a report: it could not even be built. */
      readonly status: 'broken' | 'not-verified' | 'skipped';
      readonly reason: string;
      readonly report?: undefined;
    };

export interface VerificationRequest {
  readonly directory: string;
  readonly blueprint: Blueprint;
  readonly engineName: string;
  /** Also the guarantees under load and faults. */
  readonly drill?: boolean;
}

const MARKS = { kept: '✓', broken: '✗', 'not-verified': '?' } as const;

/** Boots the project, and prints each guarantee on stderr as it is checked. */
export async function runVerification(
  { directory, blueprint, engineName, drill = false }: VerificationRequest,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<Verification> {
  const { dim, green, red, yellow } = terminal.paint;
  const colours = { kept: green, broken: red, 'not-verified': yellow } as const;
  const engine = await selectEngine(engineName, blueprint, directory);
  let current = { title: '', since: 0, said: '' };
  const tell = () => {
    const seconds = ((performance.now() - current.since) / 1000).toFixed(0);
    terminal.status(dim(`  … ${current.title} (${seconds} s)${current.said}`));
  };
  const { verifyProject } = await import('../verify/verify.ts');
  const report = await verifyProject({
    directory,
    blueprint,
    engine,
    signal,
    drill,
    onStart: ({ title }) => {
      current = { title, since: performance.now(), said: '' };
      tell();
    },
    onTick: said => {
      current = { ...current, said: `: ${said}` };
      tell();
    },
    onProgress: line => terminal.note(dim(`  ${line}`)),
    onGuarantee: result => {
      const detail = result.status === 'kept' ? dim(result.detail) : result.detail;
      terminal.note(`  ${colours[result.status](MARKS[result.status])} ${result.title}: ${detail}`);
      for (const line of result.logTail ?? []) terminal.note(dim(`      ${cut(line)}`));
    },
  });
  return { status: statusOf(report), report };
}

/** Kept means seen: a run that could look at nothing has kept nothing. */
function statusOf({ counts }: VerifyReport): 'kept' | 'broken' | 'not-verified' {
  if (counts.broken > 0) return 'broken';
  return counts.kept > 0 ? 'kept' : 'not-verified';
}

/** The closing line of a verification, for a person. */
export function verdict(verification: Verification, { terminal }: Pick<CommandContext, 'terminal'>): string {
  const { green, red, yellow, bold } = terminal.paint;
  const { report } = verification;
  if (!report) return verdictWithoutReport(verification.status, verification.reason, terminal.paint);
  const figures = `${summaryOf(report)} in ${duration(report.durationMs)}`;
  if (verification.status === 'broken')
    return red(`✗ the ${report.stage} stage breaks a guarantee: ${figures}`);
  if (verification.status === 'kept') return `${green('✓')} verified by running it: ${figures}`;
  const reason = report.guarantees[0]?.detail ?? 'nothing could be run';
  return bold(yellow(`! NOT VERIFIED: ${reason}${report.hint ? `; ${report.hint}` : ''}`));
}

function verdictWithoutReport(
  status: 'broken' | 'not-verified' | 'skipped',
  reason: string,
  { red, yellow, bold }: Painter,
): string {
  if (status === 'broken') return red(`✗ ${reason}`);
  return status === 'skipped'
    ? yellow(`! not verified: ${reason}`)
    : bold(yellow(`! NOT VERIFIED: ${reason}`));
}

/** What a run that breaks a guarantee ends with. */
export function brokenError(stage: string) {
  return {
    code: 'guarantee-broken',
    message: `the ${stage} stage does not keep all of its guarantees`,
  };
}

/** A verification's part of `create`'s envelope. `verified` is true only if guarantees were seen to be kept, and none broken. */
export function verificationBody(verification: Verification): Record<string, unknown> {
  const { report } = verification;
  return {
    verified: verification.status === 'kept',
    verification: report
      ? {
          status: verification.status,
          engine: report.engine,
          guarantees: report.guarantees,
          counts: report.counts,
          bootMs: report.bootMs,
          durationMs: report.durationMs,
          ...(report.hint === undefined ? {} : { hint: report.hint }),
        }
      : { status: verification.status, reason: verification.reason },
  };
}
