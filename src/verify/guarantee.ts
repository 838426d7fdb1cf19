/** What a guarantee is: a promise of a stage, checked by running the project. One file each, in `guarantees/`. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import type { Running } from '../engines/engine.ts';
import type { StageName } from '../journey/stages.ts';
import type { ShopClient } from './http/client.ts';

export type Status = 'kept' | 'broken' | 'not-verified';

export interface Outcome {
  readonly status: Status;
  /** One line: what was seen, or what was sent and what came back instead. */
  readonly detail: string;
  /** Measured numbers by name, unit in the name (`worstMs`, `requests`). */
  readonly figures?: Readonly<Record<string, number>>;
}

/** A running project, as a check sees it. */
export interface World {
  readonly running: Running;
  readonly blueprint: Blueprint;
  readonly directory: string;
  /** An HTTP client for the front door: knows scheme, base path, certificate and demo customer. */
  readonly shop: ShopClient;
  /** How long the engine took from start to an answering front door. */
  readonly bootMs: number;
  /** Tells a person how it goes: the latest word takes the place of the one before. */
  readonly onProgress: (line: string) => void;
  /** Aborted when the check's time is up or the run is cancelled. */
  readonly signal: AbortSignal;
}

export interface Guarantee {
  /** `stage.what`, stable: CI greps for it. */
  readonly id: string;
  /** The lines of the checklist in docs/guarantees.md that it covers, such as `E2`. */
  readonly lines?: readonly string[];
  readonly title: string;
  /** The stage that introduces it; every later stage keeps it. */
  readonly from: StageName;
  /** The last stage it applies to in this form, where a later one replaces it. */
  readonly until?: StageName;
  /** Whether it has a meaning for this blueprint; absent: always. */
  applies?(blueprint: Blueprint): boolean;
  /** A drill: under load and faults, and so only run with `--drill`. Proxies start fresh before it. */
  readonly drill?: true;
  /** How long the check may take; absent: 30 s. */
  readonly limitMs?: number;
  check(world: World): Promise<Outcome>;
}

/** Thrown inside a check by `expect`-like helpers: the guarantee is broken, for this reason. */
export class Broken extends Error {
  override readonly name = 'Broken';
  readonly figures: Readonly<Record<string, number>>;
  constructor(detail: string, figures: Readonly<Record<string, number>> = {}) {
    super(detail);
    this.figures = figures;
  }
}

/** Thrown inside a check that this engine cannot carry out here. */
export class NotVerifiable extends Error {
  override readonly name = 'NotVerifiable';
}
