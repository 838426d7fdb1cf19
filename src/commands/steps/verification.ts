/** Running a project's guarantees and telling what came of it: shared by all commands that verify. */
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { selectEngine } from '../../engines/select.ts';
import type { StageFile } from '../../stage-file/stage-file.ts';
import type { EnvelopeError } from '../../ui/envelope.ts';
import type { Painter, Terminal } from '../../ui/terminal.ts';
import { cut, duration } from '../../ui/words.ts';
import { type GuaranteeResult, lackingHere, summaryOf, type VerifyReport } from '../../verify/report.ts';
import type { CommandContext } from '../run.ts';

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
  readonly stageFile: StageFile;
  readonly engineName: string;
  /** Also the guarantees under load and faults. */
  readonly drill?: boolean;
  /** Only these, by id. */
  readonly only?: readonly string[];
  readonly seed?: number;
  /** What this machine lacks is told, and is no failure. */
  readonly allowUnverified?: boolean;
}

const MARKS = { kept: '✓', broken: '✗', 'not-verified': '?', 'not-promised': '–' } as const;

/** Boots the project, and prints each guarantee on stderr as it is checked. */
export async function runVerification(
  request: VerificationRequest,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<Verification> {
  const { directory, blueprint, stageFile, engineName, drill = false, only, seed } = request;
  const { dim } = terminal.paint;
  const engine = await selectEngine(engineName, blueprint, directory);
  let current = { title: '', since: 0, said: '' };
  const tell = () => {
    const seconds = ((performance.now() - current.since) / 1000).toFixed(0);
    terminal.status(dim(`  … ${current.title} (${seconds} s)${current.said}`));
  };
  const printer = new ResultPrinter(terminal);
  const { verifyProject } = await import('../../verify/verify-project.ts');
  const report = await verifyProject({
    directory,
    blueprint,
    stageFile,
    engine,
    signal,
    drill,
    ...(only && { only }),
    ...(seed === undefined ? {} : { seed }),
    onStart: ({ title }) => {
      current = { title, since: performance.now(), said: '' };
      tell();
    },
    onTick: said => {
      current = { ...current, said: `: ${said}` };
      tell();
    },
    onProgress: line => terminal.note(dim(`  ${line}`)),
    onGuarantee: result => printer.print(result),
  });
  printer.end();
  return { status: statusOf(report, request.allowUnverified), report };
}

/** Prints results as they come. One cause that hides many guarantees is told once. */
class ResultPrinter {
  readonly #terminal: Terminal;
  #cause: string | undefined;
  #alike = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  print(result: GuaranteeResult): void {
    const cause = result.status === 'not-verified' && result.why !== 'engine' ? result.detail : undefined;
    if (cause !== undefined && cause === this.#cause) {
      this.#alike++;
      return;
    }
    this.end();
    this.#cause = cause;
    const { dim, green, red, yellow } = this.#terminal.paint;
    const colours = { kept: green, broken: red, 'not-verified': yellow, 'not-promised': dim } as const;
    const said = result.status === 'not-promised' ? `not promised: ${result.detail}` : result.detail;
    const detail = result.status === 'kept' || result.status === 'not-promised' ? dim(said) : said;
    this.#terminal.note(`  ${colours[result.status](MARKS[result.status])} ${result.title}: ${detail}`);
    for (const line of result.logTail ?? []) this.#terminal.note(dim(`      ${cut(line)}`));
  }

  /** Tells how many more there were of the last kind. */
  end(): void {
    if (this.#alike > 0)
      this.#terminal.note(`  ${MARKS['not-verified']} ${this.#alike} more, for the same reason`);
    this.#alike = 0;
  }
}

/** Kept means seen: a run that could look at nothing has kept nothing, and what this machine could not show is not kept. */
function statusOf(report: VerifyReport, allowUnverified = false): 'kept' | 'broken' | 'not-verified' {
  const { counts } = report;
  if (counts.broken > 0) return 'broken';
  if (allowUnverified) return 'kept';
  return counts.kept > 0 && lackingHere(report).length === 0 ? 'kept' : 'not-verified';
}

/** The closing line of a verification, for a person. */
export function verdict(verification: Verification, { terminal }: Pick<CommandContext, 'terminal'>): string {
  const { green, red, yellow, bold } = terminal.paint;
  const { report } = verification;
  if (!report) return verdictWithoutReport(verification.status, verification.reason, terminal.paint);
  const figures = `${summaryOf(report)} in ${duration(report.durationMs)}`;
  if (verification.status === 'broken') {
    return red(
      `✗ ${brokenError(verification, report.stage).message}: ${figures}; --seed ${report.seed} repeats it`,
    );
  }
  if (verification.status === 'not-verified') {
    const hint = report.hint ? `; ${report.hint}` : '';
    return bold(yellow(`! NOT VERIFIED: ${lackOf(report)}${hint} (${figures})`));
  }
  const isAll = report.counts.kept > 0 && lackingHere(report).length === 0;
  return isAll
    ? `${green('✓')} verified by running it: ${figures}`
    : `${yellow('!')} verified as far as this machine can: ${figures}`;
}

/** What kept a run from being one. */
function lackOf(report: VerifyReport): string {
  const [lacking = report.guarantees[0]] = lackingHere(report);
  return lacking?.detail ?? 'nothing could be run';
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
export function brokenError(verification: Verification, stage: string): EnvelopeError {
  const broken = verification.report?.guarantees.filter(({ status }) => status === 'broken') ?? [];
  const isProbe = broken.length > 0 && broken.every(({ id }) => id.startsWith('probe.'));
  return isProbe
    ? { code: 'probe-broken', message: 'the program does not answer as stage.yaml says' }
    : { code: 'guarantee-broken', message: `the ${stage} stage does not keep all of its guarantees` };
}

/** Why a verification is a failure, if it is one. */
export function verificationError(verification: Verification, stage: string): EnvelopeError | undefined {
  if (verification.status === 'broken') return brokenError(verification, stage);
  const { report } = verification;
  if (verification.status !== 'not-verified' || !report) return undefined;
  const hint = report.hint ?? '--allow-unverified takes what this machine could not show as it is';
  return { code: 'not-verified', message: lackOf(report), hint };
}

/** A verification's part of an envelope. `verified` is true only if guarantees were seen to be kept, and none broken. */
export function verificationBody(verification: Verification): Record<string, unknown> {
  const { report } = verification;
  return {
    verified: verification.status === 'kept' && report !== undefined && lackingHere(report).length === 0,
    verification: report
      ? {
          status: verification.status,
          engine: report.engine,
          guarantees: report.guarantees,
          counts: report.counts,
          bootMs: report.bootMs,
          durationMs: report.durationMs,
          seed: report.seed,
          ...(report.hint === undefined ? {} : { hint: report.hint }),
        }
      : { status: verification.status, reason: verification.reason },
  };
}
