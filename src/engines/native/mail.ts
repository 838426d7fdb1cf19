/** The mail node: a real SMTP server inside the tool, which keeps what it gets. */
import { EngineError, type Mail } from '../engine.ts';
import type { Copy } from './copy.ts';
import type { LogBook } from './log-book.ts';
import { LOOPBACK } from './ports.ts';
import { createSmtpSink, type SmtpSink } from './smtp-sink.ts';

/** More than any receipt, and little enough to keep hundreds of. */
const LARGEST_MAIL_BYTES = 1024 * 1024;

export class MailCopy implements Copy {
  readonly log: LogBook;
  readonly pid = undefined;
  readonly mails: Mail[] = [];
  readonly #port: number;
  #server: SmtpSink | undefined;

  constructor(port: number, log: LogBook) {
    this.#port = port;
    this.log = log;
  }

  async start(): Promise<void> {
    if (this.#server) return;
    const server = createSmtpSink({
      maxBytes: LARGEST_MAIL_BYTES,
      onMail: mail => {
        this.mails.push(mail);
        this.log.add(`mail for ${mail.to.join(', ')}`);
      },
      // A client that breaks off in the middle is that client's failure.
      onTrouble: message => this.log.add(message),
    });
    await server.listen(this.#port, LOOPBACK);
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
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
