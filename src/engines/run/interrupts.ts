/** What must happen when the tool itself is told to end, or crashes, while something runs. */

export interface Cleanable {
  /** Whether whoever started it ends the process itself after an interrupt, once everything is down. */
  readonly ownerExits: boolean;
  down(): Promise<void>;
  /** The last resort in a process that cannot wait any more. */
  downNow(): void;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Interrupt = keyof typeof EXIT_CODES;
const INTERRUPTS = Object.keys(EXIT_CODES) as Interrupt[];

const active = new Set<Cleanable>();
let interrupted = false;

/** From now until the returned function is called, an end of this process takes `run` down with it. */
export function guard(run: Cleanable): () => void {
  if (active.size === 0) listen();
  active.add(run);
  return () => {
    active.delete(run);
    if (active.size === 0 && !interrupted) unlisten();
  };
}

function listen(): void {
  for (const signal of INTERRUPTS) process.on(signal, onInterrupt);
  process.on('exit', downNow);
}

function unlisten(): void {
  for (const signal of INTERRUPTS) process.off(signal, onInterrupt);
  process.off('exit', downNow);
}

/** The first interrupt takes everything down in order; a second one does so at once. */
function onInterrupt(signal: Interrupt): void {
  if (interrupted) {
    downNow();
    process.exit(EXIT_CODES[signal]);
  }
  interrupted = true;
  const runs = [...active];
  void Promise.allSettled(runs.map(run => run.down())).then(() => {
    interrupted = false;
    if (active.size === 0) unlisten();
    if (!runs.every(run => run.ownerExits)) process.exit(EXIT_CODES[signal]);
  });
}

function downNow(): void {
  for (const run of active) {
    try {
      run.downNow();
    } catch {
      // The watchdog takes what is left.
    }
  }
}
