/** What one copy of a node has printed: the last lines in memory, all of them in a file of the run directory. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { LOG_TAIL } from '../../errors.ts';

/** Lines kept in memory for each copy: enough to explain a failure, little enough to forget about. */
const KEPT_LINES = 5000;

export class LogBook {
  readonly #lines: string[] = [];
  readonly #file: WriteStream;
  readonly #onLine: ((line: string) => void) | undefined;

  constructor(path: string, onLine?: (line: string) => void) {
    this.#file = createWriteStream(path, { flags: 'a' });
    this.#file.on('error', () => undefined);
    this.#onLine = onLine;
  }

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
    this.#file.write(`${line}\n`);
    this.#onLine?.(line);
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }

  /** The last lines, for an error. */
  tail(count = LOG_TAIL): readonly string[] {
    return this.#lines.slice(-count);
  }

  close(): Promise<void> {
    return new Promise(resolve => this.#file.end(() => resolve()));
  }
}

/** Cuts a stream of bytes into lines. `end` gives the last line, if it lacks its line feed. */
export function lineCutter(onLine: (line: string) => void): { write(bytes: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    write(bytes) {
      const lines = (rest + decoder.write(bytes)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line.replace(/\r$/, ''));
    },
    end() {
      rest += decoder.end();
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
