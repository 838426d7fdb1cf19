/** How a check ends: what it says of the project, and what it throws where that is not `kept`. */

export type GuaranteeStatus = 'kept' | 'broken' | 'not-verified' | 'not-promised';

/**
 * Why a guarantee was not verified: this engine cannot show it (another can), this machine lacks something or was too busy, a probe of
 * `stage.yaml` does not do what the file says, or the project did not start.
 */
export type Reason = 'engine' | 'machine' | 'probe' | 'start';

export interface Outcome {
  readonly status: GuaranteeStatus;
  /** Only where it is not verified. */
  readonly why?: Reason;
  /** One line: what was seen, or what was sent and what came back instead. */
  readonly detail: string;
  /** Measured numbers by name, unit in the name (`worstMs`, `requests`). */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Thrown inside a check by `expect`-like helpers: the guarantee is broken, for this reason. */
export class Broken extends Error {
  override readonly name: string = 'Broken';
  readonly figures: Readonly<Record<string, number>>;
  constructor(detail: string, figures: Readonly<Record<string, number>> = {}) {
    super(detail);
    this.figures = figures;
  }
}

/** Broken by nothing but time: on a machine that was too busy to measure it, that is no verdict. */
export class TooLate extends Broken {
  override readonly name = 'TooLate';
}

/** Thrown inside a check that cannot be carried out here. */
export class NotVerifiable extends Error {
  override readonly name = 'NotVerifiable';
  readonly why: Reason;
  constructor(detail: string, why: Reason = 'engine') {
    super(detail);
    this.why = why;
  }
}

/** Thrown inside a check that finds that the project does not promise this. */
export class NotPromised extends Error {
  override readonly name = 'NotPromised';
}
