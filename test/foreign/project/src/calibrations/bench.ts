/** Works through the queue. What a copy that was killed leaves there, any other finishes. */
import type { FastifyBaseLogger } from 'fastify';
import type { CalibrationStore } from './store.ts';

/** How long a calibration takes, in milliseconds. */
export const WORK_MS = 300;

/** How often the queue is looked at although nobody has said that there is something in it, in milliseconds. */
const LOOK_MS = 2_000;

const BATCH = 100;

export interface Bench {
  /** Says that something was queued just now. */
  wake(): void;
  /** Resolves when what is in hand is finished; nothing more is begun. */
  stop(): Promise<void>;
}

export function startBench(store: CalibrationStore, log: FastifyBaseLogger): Bench {
  let isStopped = false;
  let work: Promise<void> | undefined;
  let woken: NodeJS.Timeout | undefined;

  async function finishAll(): Promise<void> {
    try {
      while (!isStopped) {
        const finished = await store.finishDue(BATCH);
        if (finished > 0) log.debug({ finished }, 'calibrations are done');
        if (finished < BATCH) return;
      }
    } catch (error) {
      // They stay in the queue: the next look finds them.
      log.debug(error, 'the queue is out of reach');
    }
  }

  function look(): void {
    work ??= finishAll().finally(() => {
      work = undefined;
    });
  }

  const looks = setInterval(look, LOOK_MS).unref();
  return {
    wake: () => {
      woken ??= setTimeout(() => {
        woken = undefined;
        look();
      }, WORK_MS + 20).unref();
    },
    stop: async () => {
      isStopped = true;
      clearInterval(looks);
      clearTimeout(woken);
      await work;
    },
  };
}
