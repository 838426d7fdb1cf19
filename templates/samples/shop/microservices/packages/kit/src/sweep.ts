/** Work that is found by looking for it: rows in the database that wait. Nothing is lost when a process dies, it is found again. */
import type { FastifyInstance } from 'fastify';

/** How long work that nobody announced may wait, in milliseconds. */
const EVERY_MS = 1_000;

export interface Sweep {
  /** Looks at once: called after a commit that left work. */
  nudge(): void;
}

/**
 * Runs `round` every second, one at a time, from when the program is ready until it closes; the last round is finished.
 * @param name what a log line calls it
 * @param round resolves to true when there is more to do right now
 */
export function addSweep(
  http: FastifyInstance,
  name: string,
  round: () => Promise<boolean>,
  everyMs = EVERY_MS,
): Sweep {
  let stopped = false;
  let nudged = false;
  let failing = false;
  let wake = () => {};
  let running: Promise<void> | undefined;

  const pause = () =>
    new Promise<void>(resolve => {
      const timer = setTimeout(resolve, everyMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function hasMore(): Promise<boolean> {
    try {
      const more = await round();
      failing = false;
      return more;
    } catch (error) {
      // Once per outage: a database that is away for a minute is one fact, not sixty.
      if (!failing) http.log.warn({ err: error }, `${name} failed; it is tried again every ${everyMs} ms`);
      failing = true;
      return false;
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      nudged = false;
      const more = await hasMore();
      if (!stopped && !more && (failing || !nudged)) await pause();
    }
  }

  http.addHook('onReady', async () => {
    running = run();
  });
  http.addHook('onClose', async () => {
    stopped = true;
    wake();
    await running;
  });
  return {
    nudge() {
      nudged = true;
      if (!failing) wake();
    },
  };
}
