/** What a guarantee is: a promise of a stage, checked by running the project. One file each, in `checks/<stage>/`. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import type { Running } from '../engines/engine.ts';
import type { StageName } from '../journey/stages.ts';
import type { HttpClient } from './http/client.ts';
import type { Probes } from './http/probes.ts';
import type { ProbeNeed } from './needs.ts';
import type { Outcome } from './outcome.ts';
import type { Random } from './random.ts';

/** A running project, as a check sees it. */
export interface World {
  readonly running: Running;
  readonly blueprint: Blueprint;
  readonly directory: string;
  /** An HTTP client for the front door: knows scheme, base path and certificate. */
  readonly door: HttpClient;
  /** What `stage.yaml` says about the program, asked at the front door. */
  readonly probes: Probes;
  /** Chance that the run's seed repeats. */
  readonly random: Random;
  /** How long the engine took from start to an answering front door. */
  readonly bootMs: number;
  /** Tells a person how it goes: the latest word takes the place of the one before. */
  readonly onProgress: (line: string) => void;
  /** Aborted when the check's time is up or the run is cancelled. */
  readonly signal: AbortSignal;
}

export interface Guarantee {
  /** `stage.what`, stable: CI greps for it, and `notPromised` in `stage.yaml` names it. */
  readonly id: string;
  /** The lines of the checklist in docs/guarantees.md that it covers, such as `E2`. */
  readonly lines?: readonly string[];
  readonly title: string;
  /** The stage that introduces it; every later stage keeps it. */
  readonly from: StageName;
  /** The probes through which it asks. Where one is missing, the project does not promise this. */
  readonly needs: readonly ProbeNeed[];
  /** Whether it has a meaning for this blueprint; absent: always. */
  applies?(blueprint: Blueprint): boolean;
  /** A drill: under load and faults, and so only run with `--drill`. Proxies start fresh before it. */
  readonly drill?: true;
  /** How long the check may take; absent: 30 s. */
  readonly limitMs?: number;
  check(world: World): Promise<Outcome>;
}
