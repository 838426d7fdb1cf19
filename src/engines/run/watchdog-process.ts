/**
 * The watchdog's own program. It learns over its standard input what the tool has started. When that ends without a release, the
 * tool is dead: then it ends those processes and removes the tool's folders.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HAS_SIGNALS, killTree, quit } from '../../processes/group.ts';
import { descendants, startStamp } from '../../processes/table.ts';
import type { Launch } from './launch.ts';

interface Watched {
  readonly watch: number;
  /** Tells the process from a later one of the same number. Without it the process is left alone. */
  readonly stamp: string | undefined;
  readonly kind: Launch['kind'];
}

/** One line of the watchdog's standard input, as JSON. */
export type Message =
  | Watched
  | { readonly forget: number }
  | { readonly directory: string }
  | { readonly undo: Pick<Launch, 'command' | 'args' | 'env'> }
  | { readonly release: true };

const PAUSE_MS = 50;
/** Times PAUSE_MS: how long processes may take to end. */
const PAUSES = 40;

const watched = new Map<number, Watched>();
const directories = new Set<string>();
let undo: Pick<Launch, 'command' | 'args' | 'env'> | undefined;
let isReleased = false;

function hear(message: Message): void {
  if ('watch' in message) watched.set(message.watch, message);
  else if ('forget' in message) watched.delete(message.forget);
  else if ('directory' in message) directories.add(message.directory);
  else if ('undo' in message) undo = message.undo;
  else isReleased = true;
}

async function cleanUp(): Promise<void> {
  if (isReleased) return;
  await endProcesses([...watched.values()].filter(isOurs));
  // No system removes the folder that a process works in while it does, or not all do.
  process.chdir('/');
  undoElsewhere();
  for (const directory of directories) remove(directory);
}

function isOurs({ watch, stamp }: Watched): boolean {
  return stamp !== undefined && startStamp(watch) === stamp;
}

async function endProcesses(ours: readonly Watched[]): Promise<void> {
  for (const { watch, kind } of ours) {
    if (kind === 'postgres' && HAS_SIGNALS) quit(watch);
    else killTree(watch, descendants(watch));
  }
  await untilEnded(ours);
  for (const { watch } of ours.filter(isOurs)) killTree(watch, descendants(watch));
  await untilEnded(ours);
}

async function untilEnded(ours: readonly Watched[]): Promise<void> {
  for (let pause = 0; pause < PAUSES && ours.some(isOurs); pause++) await sleep(PAUSE_MS);
}

function undoElsewhere(): void {
  if (!undo) return;
  try {
    execFileSync(undo.command, undo.args, { env: undo.env, stdio: 'ignore', windowsHide: true });
  } catch {
    // Nobody is left to hear of it. The next run removes what remains.
  }
}

function remove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  } catch {
    // Nobody is left to hear of it, and the other folders are still to be removed.
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) hear(JSON.parse(line));
});

let isClosed = false;
for (const event of ['end', 'close', 'error']) {
  process.stdin.on(event, () => {
    if (!isClosed) void cleanUp().finally(() => process.exit(0));
    isClosed = true;
  });
}
