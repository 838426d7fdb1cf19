/** What `verify` found, as data. */
import type { EngineName } from '../engines/engine.ts';
import type { StageName } from '../journey/stages.ts';
import type { Status } from './guarantee.ts';

export interface GuaranteeResult {
  readonly id: string;
  readonly title: string;
  /** The lines of the checklist (docs/guarantees.md) that it covers. */
  readonly lines?: readonly string[];
  /** True for what is only run with `--drill`. */
  readonly drill?: true;
  readonly status: Status;
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
  readonly schemaVersion: 1;
  /** No guarantee is broken. Whether some could not be verified is told by `counts`. */
  readonly ok: boolean;
  readonly command: 'verify';
  readonly stage: StageName;
  readonly engine: EngineName;
  readonly guarantees: readonly GuaranteeResult[];
  readonly counts: Readonly<Record<'kept' | 'broken' | 'notVerified', number>>;
  readonly durationMs: number;
  /** From start to the front door's first answer; null where nothing was started. */
  readonly bootMs: number | null;
  /** What mends it where this machine could not run the project. */
  readonly hint?: string;
}

export function countsOf(guarantees: readonly GuaranteeResult[]): VerifyReport['counts'] {
  const count = (status: Status) => guarantees.filter(each => each.status === status).length;
  return { kept: count('kept'), broken: count('broken'), notVerified: count('not-verified') };
}

/** `24 kept, 1 broken, 2 not verified`: a verdict never hides what was not looked at. */
export function summaryOf({ counts }: Pick<VerifyReport, 'counts'>): string {
  const parts = [`${counts.kept} kept`];
  if (counts.broken > 0) parts.push(`${counts.broken} broken`);
  if (counts.notVerified > 0) parts.push(`${counts.notVerified} not verified`);
  return parts.join(', ');
}
