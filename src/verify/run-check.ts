/** What comes of one check: within its time, and with an eye on whether this machine could keep time at all. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { messageOf } from '../errors.ts';
import type { Guarantee, World } from './guarantee.ts';
import { Broken, NotPromised, NotVerifiable, type Outcome, TooLate } from './outcome.ts';

const DEFAULT_LIMIT_MS = 30_000;
/**
 * A turn of our own event loop that took so long means that this process did not get to run, or to its work: what it measured then is
 * its own time, and not the project's. A busy load generator alone stays below half of that.
 */
const BUSY_LAG_MS = 400;
const LAG_RESOLUTION_MS = 20;
const NANOSECONDS = 1e6;

export interface Judged {
  readonly outcome: Outcome;
  /** Broken by nothing but time, while the machine was too busy to measure it. */
  readonly isDoubtful: boolean;
  /** The longest turn of our event loop meanwhile. */
  readonly lagMs: number;
  /** Settles when the check has let go of everything. */
  readonly ended: Promise<unknown>;
}

/**
 * Runs one check to its end, or to the end of its time.
 * @param expire lets go of what the check still waits for
 * @throws the signal's reason when the run is cancelled
 */
export async function runCheck(
  guarantee: Pick<Guarantee, 'check' | 'limitMs'>,
  world: World,
  cancelled: AbortSignal | undefined,
  expire: () => void,
): Promise<Judged> {
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delay.enable();
  const check = guarantee.check(world);
  const ended = check.catch(() => undefined);
  const judged = (outcome: Outcome, isLate: boolean): Judged => {
    delay.disable();
    const lagMs = Math.max(0, Math.round(delay.max / NANOSECONDS) - LAG_RESOLUTION_MS);
    return { outcome, isDoubtful: isLate && lagMs >= BUSY_LAG_MS, lagMs, ended };
  };
  try {
    return judged(
      await withinLimit(world.signal, check, guarantee.limitMs ?? DEFAULT_LIMIT_MS, expire),
      false,
    );
  } catch (error) {
    cancelled?.throwIfAborted();
    return judged(outcomeOfError(error), error instanceof TooLate);
  }
}

/** What is said of a check that was doubtful twice: nothing about the project. */
export function tooBusy({ lagMs, outcome }: Judged): Outcome {
  const detail = `this machine was too busy (lag ${lagMs} ms): ${outcome.detail}`;
  return { status: 'not-verified', why: 'machine', detail };
}

function outcomeOfError(error: unknown): Outcome {
  if (error instanceof Broken) return { status: 'broken', detail: error.message, figures: error.figures };
  if (error instanceof NotVerifiable)
    return { status: 'not-verified', why: error.why, detail: error.message };
  if (error instanceof NotPromised) return { status: 'not-promised', detail: error.message };
  return { status: 'broken', detail: messageOf(error) };
}

/** The check's outcome, or TooLate when its time is up. @throws the signal's reason when that comes first */
async function withinLimit(
  signal: AbortSignal,
  check: Promise<Outcome>,
  limitMs: number,
  expire: () => void,
): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TooLate(`the check was not done within ${limitMs / 1000} s`));
      expire();
    }, limitMs);
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([check, late]);
  } finally {
    clearTimeout(timer);
    late.catch(() => {});
  }
}
