/** A circuit breaker: stops asking a peer that does not answer, and looks now and then whether it is back. */

/** Failures in a row until the peer counts as down. */
const FAILURES_TO_OPEN = 5;
/** How long nobody asks it then, in milliseconds: a dead peer costs one attempt per five seconds. */
const OPEN_MS = 5_000;

export class Breaker {
  #failures = 0;
  #openUntil = 0;
  #probing = false;
  readonly #now: () => number;

  /** @param now a clock in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Whether a call may be tried now. After an outage one call goes ahead, and the others wait for what becomes of it. */
  tryAcquire(): boolean {
    if (this.#failures < FAILURES_TO_OPEN) return true;
    if (this.#probing || this.#now() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  /** Whether `tryAcquire` would refuse. */
  get isOpen(): boolean {
    return this.#failures >= FAILURES_TO_OPEN && (this.#probing || this.#now() < this.#openUntil);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#probing = false;
  }

  failed(): void {
    this.#failures += 1;
    this.#probing = false;
    if (this.#failures >= FAILURES_TO_OPEN) this.#openUntil = this.#now() + OPEN_MS;
  }
}
