/** Follows a file that another process appends to. nginx cannot write its access log to a socket, and Node's pipes are sockets. */
import { closeSync, openSync, readSync } from 'node:fs';
import { lineCutter } from '../run/log-book.ts';

const POLL_MS = 100;

export class FileTail {
  readonly #path: string;
  readonly #cutter: ReturnType<typeof lineCutter>;
  readonly #timer: NodeJS.Timeout;
  #offset = 0;

  constructor(path: string, onLine: (line: string) => void) {
    this.#path = path;
    this.#cutter = lineCutter(onLine);
    this.#timer = setInterval(() => this.read(), POLL_MS);
    this.#timer.unref();
  }

  /** Reads what has been written up to now. */
  read(): void {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch {
      return;
    }
    try {
      const bytes = Buffer.alloc(64 * 1024);
      for (let count = -1; count !== 0; ) {
        count = readSync(file, bytes, 0, bytes.length, this.#offset);
        this.#offset += count;
        this.#cutter.write(bytes.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.read();
  }
}
