/** How a process of a run is started and stopped, and how it ended. */
import type { Account } from '../../processes/account.ts';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The account to run as; only root may name one. */
  readonly account?: Account | undefined;
  /** PostgreSQL's processes each lead a group of their own and must be ended with care for shared memory. */
  readonly kind: 'postgres' | 'other';
}

/** An exit code, or null when a signal ended it. */
export type ExitCode = number | null;

/** One step of an orderly stop: a signal, and how long to wait for its effect. */
export interface StopStep {
  readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL';
  readonly waitMs: number;
}
