/** One copy of a node: what can be done to it, whatever it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, LOG_TAIL, PortTaken } from '../../errors.ts';
import type { Child } from '../run/child.ts';
import type { ExitCode, Launch, StopStep } from '../run/launch.ts';
import type { Stoppable } from '../run/lifecycle.ts';
import type { LogBook } from '../run/log-book.ts';
import { HEALTHY_WITHIN_MS, waitUntil } from '../run/wait.ts';
import type { RunContext } from './context.ts';

export interface Copy extends Stoppable {
  readonly log: LogBook;
  readonly pid: number | undefined;
  /** Starts it, if it is down, and waits until it is healthy. */
  start(): Promise<void>;
  kill(): Promise<void>;
  terminate(): Promise<void>;
  exited(withinMs: number): Promise<ExitCode>;
  /** Settles when the process that now runs ends; undefined for what is no process, or runs to its end by itself. */
  readonly exit?: Promise<ExitCode> | undefined;
  restart(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  reload?(): Promise<void>;
  /** What it has printed up to now has arrived in its log. */
  readLog?(): Promise<void>;
}

/** What is particular to one kind of node that is a process. */
export interface Part {
  /** How to name the copy to a person. */
  readonly label: string;
  readonly stopSteps: readonly StopStep[];
  /** How `restart` takes it down. */
  readonly crashSteps: readonly StopStep[];
  /** Writes what the process needs and tells how to start it. Called before every start. */
  prepare(): Promise<Launch>;
  healthy(): Promise<boolean>;
  clear?(): Promise<void>;
  readLog?(): Promise<void>;
}

const PORT_TAKEN = /EADDRINUSE|address already in use|cannot bind socket/i;
const PORT_RETRY_MS = 250;

export class ProcessCopy implements Copy {
  readonly log: LogBook;
  readonly #context: RunContext;
  readonly #part: Part;
  #child: Child | undefined;
  #printed: string[] = [];

  constructor(context: RunContext, part: Part, log: LogBook) {
    this.#context = context;
    this.#part = part;
    this.log = log;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get exit(): Promise<ExitCode> | undefined {
    return this.#child?.exit;
  }

  async start(): Promise<void> {
    try {
      await this.#startOnce();
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
      // Most often an old connection of this very run, which is about to end.
      await sleep(PORT_RETRY_MS);
      await this.#startOnce();
    }
  }

  async #startOnce(): Promise<void> {
    if (this.pid === undefined) await this.#launch();
    const child = this.#child;
    if (!child) return;
    if (await waitUntil(() => this.#part.healthy(), Promise.race([child.exit, this.#context.closing])))
      return;
    if (child.pid === undefined) throw this.#endedEarly(await child.exit);
    throw new EngineError(`${this.#part.label} did not answer within ${HEALTHY_WITHIN_MS / 1000} s`, {
      logTail: this.#tail(),
    });
  }

  async #launch(): Promise<void> {
    const launch = await this.#part.prepare();
    this.#printed = [];
    this.#child = this.#context.launch(launch, line => {
      this.#printed.push(line);
      if (this.#printed.length > LOG_TAIL) this.#printed.shift();
      this.log.add(line);
    });
  }

  #endedEarly(code: ExitCode): EngineError {
    const details = { logTail: this.#tail() };
    if (this.#printed.some(line => PORT_TAKEN.test(line))) {
      return new PortTaken(`${this.#part.label} found its port taken`, { ...details, lacks: 'machine' });
    }
    return new EngineError(`${this.#part.label} ended ${howItEnded(code)} before it answered`, details);
  }

  #tail(): readonly string[] {
    return [...this.#printed];
  }

  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async terminate(): Promise<void> {
    this.#child?.signal('SIGTERM');
  }

  async exited(withinMs: number): Promise<ExitCode> {
    const child = this.#child;
    if (!child) throw new EngineError(`${this.#part.label} was never started`);
    const late = Symbol();
    const timer = new AbortController();
    const outcome = await Promise.race([
      child.exit,
      sleep(withinMs, late, { signal: timer.signal }).catch(() => late),
    ]);
    timer.abort();
    if (typeof outcome === 'symbol')
      throw new EngineError(`${this.#part.label} was still running after ${withinMs} ms`, {
        logTail: this.#tail(),
      });
    return outcome;
  }

  async restart(): Promise<void> {
    await this.#child?.stop(this.#part.crashSteps);
    await this.start();
  }

  async pause(): Promise<void> {
    this.#child?.signalGroup('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.#child?.signalGroup('SIGCONT');
  }

  async reload(): Promise<void> {
    this.#child?.signal('SIGHUP');
  }

  async stop(): Promise<void> {
    await this.#child?.stop(this.#part.stopSteps);
  }

  async clear(): Promise<void> {
    await this.#part.clear?.();
  }

  async readLog(): Promise<void> {
    await this.#part.readLog?.();
  }
}

/** A program that runs to its end: started is finished. */
export class JobCopy implements Copy {
  readonly log: LogBook;
  readonly #context: RunContext;
  readonly #label: string;
  readonly #prepare: () => Launch;
  #child: Child | undefined;

  constructor(context: RunContext, label: string, prepare: () => Launch, log: LogBook) {
    this.#context = context;
    this.#label = label;
    this.#prepare = prepare;
    this.log = log;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const child = this.#context.launch(this.#prepare(), line => this.log.add(line));
    this.#child = child;
    const code = await child.exit;
    if (code !== 0)
      throw new EngineError(`${this.#label} ended ${howItEnded(code)}`, { logTail: this.log.tail() });
  }

  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async terminate(): Promise<void> {
    this.#child?.signal('SIGTERM');
  }

  async exited(): Promise<ExitCode> {
    if (!this.#child) throw new EngineError(`${this.#label} was never started`);
    return this.#child.exit;
  }

  restart(): Promise<void> {
    return this.start();
  }

  async pause(): Promise<void> {
    this.#child?.signalGroup('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.#child?.signalGroup('SIGCONT');
  }

  stop(): Promise<void> {
    return this.kill();
  }
}

function howItEnded(code: ExitCode): string {
  return code === null ? 'by a signal' : `with exit code ${code}`;
}
