/** What `verify` found, as data. */
import type { EngineName } from '../engines/engine.ts';
import type { StageName } from '../journey/stages.ts';
import type { GuaranteeStatus, Reason } from './outcome.ts';

export interface GuaranteeResult {
  /** Of a guarantee; or `probe.read` and the like, where a probe of `stage.yaml` does not do what the file says. */
  readonly id: string;
  readonly title: string;
  /** The lines of the checklist (docs/guarantees.md) that it covers. */
  readonly lines?: readonly string[];
  /** True for what is only run with `--drill`. */
  readonly drill?: true;
  readonly status: GuaranteeStatus;
  /** Only where it is not verified. */
  readonly why?: Reason;
  /** One line: what was seen, or why it could not be. */
  readonly detail: string;
  /** Measured numbers by name, with the unit in the name. */
  readonly figures: Readonly<Record<string, number>>;
  /** How long the check took. */
  readonly durationMs: number;
  /** What the programs printed last; only where the guarantee is broken. */
  readonly logTail?: readonly string[];
}

export interface VerifyReport {
  readonly stage: StageName;
  readonly engine: EngineName;
  readonly guarantees: readonly GuaranteeResult[];
  readonly counts: Readonly<Record<'kept' | 'broken' | 'notVerified' | 'notPromised', number>>;
  readonly durationMs: number;
  /** From start to the front door's first answer; null where nothing was started. */
  readonly bootMs: number | null;
  /** With it, chance falls the same way again. */
  readonly seed: number;
  /** What mends it where this machine could not run the project. */
  readonly hint?: string;
}

export function countsOf(guarantees: readonly GuaranteeResult[]): VerifyReport['counts'] {
  const count = (status: GuaranteeStatus) => guarantees.filter(each => each.status === status).length;
  return {
    kept: count('kept'),
    broken: count('broken'),
    notVerified: count('not-verified'),
    notPromised: count('not-promised'),
  };
}

/** `24 kept, 1 broken, 2 not verified`: a verdict never hides what was not looked at. */
export function summaryOf({ counts }: Pick<VerifyReport, 'counts'>): string {
  const parts = [`${counts.kept} kept`];
  if (counts.broken > 0) parts.push(`${counts.broken} broken`);
  if (counts.notVerified > 0) parts.push(`${counts.notVerified} not verified`);
  if (counts.notPromised > 0) parts.push(`${counts.notPromised} not promised`);
  return parts.join(', ');
}

/** What went unverified because of this machine: another one would have told. */
export function lackingHere({ guarantees }: Pick<VerifyReport, 'guarantees'>): readonly GuaranteeResult[] {
  return guarantees.filter(({ status, why }) => status === 'not-verified' && why === 'machine');
}
