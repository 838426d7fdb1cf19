/** The mail node: a real SMTP server inside the tool, which keeps what it gets. It is the one that the project tests itself with. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SMTPServer } from 'smtp-server';
import { EngineError } from '../../errors.ts';
import type { Mail } from '../engine.ts';
import type { LogBook } from '../run/log-book.ts';
import { LOOPBACK } from '../run/ports.ts';
import type { Copy } from './copy.ts';

/** More than any receipt, and little enough to keep hundreds of. */
const LARGEST_MAIL_BYTES = 1024 * 1024;

export class MailCopy implements Copy {
  readonly log: LogBook;
  readonly pid = undefined;
  readonly mails: Mail[] = [];
  readonly #directory: string;
  readonly #port: number;
  #server: SMTPServer | undefined;

  /** @param directory the project's folder */
  constructor(directory: string, port: number, log: LogBook) {
    this.#directory = directory;
    this.#port = port;
    this.log = log;
  }

  async start(): Promise<void> {
    if (this.#server) return;
    const Server = await this.#load();
    const server = new Server({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      size: LARGEST_MAIL_BYTES,
      closeTimeout: 100,
      onData: (stream, session, done) => {
        const pieces: Buffer[] = [];
        stream.on('data', (piece: Buffer) => pieces.push(piece));
        stream.once('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          const to = rcptTo.map(({ address }) => address);
          this.mails.push({
            from: mailFrom ? mailFrom.address : '',
            to,
            raw: Buffer.concat(pieces).toString('utf8'),
          });
          this.log.add(`mail for ${to.join(', ')}`);
          done();
        });
      },
    });
    // A client that breaks off in the middle is that client's failure.
    server.on('error', error => this.log.add(error.message));
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(this.#port, LOOPBACK, () => resolve());
    });
    this.#server = server;
  }

  async #load(): Promise<typeof SMTPServer> {
    try {
      const path = createRequire(join(this.#directory, 'package.json')).resolve('smtp-server');
      return (await import(pathToFileURL(path).href)).SMTPServer;
    } catch (cause) {
      throw new EngineError('the project has no smtp-server, which receives its mail here', {
        hint: `run npm install --save-dev smtp-server in ${this.#directory}, or verify with --engine docker`,
        cause,
      });
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise<void>(resolve => server.close(() => resolve()));
  }

  kill(): Promise<void> {
    return this.stop();
  }

  terminate(): Promise<void> {
    return this.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async exited(): Promise<number> {
    if (this.#server) throw new EngineError('the mail server is still running');
    return 0;
  }

  async pause(): Promise<void> {
    throw new EngineError('the mail server runs inside the tool and cannot be paused');
  }

  async resume(): Promise<void> {
    await this.start();
  }
}
