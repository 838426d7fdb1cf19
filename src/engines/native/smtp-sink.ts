/**
 * A small SMTP server (RFC 5321) that accepts whatever it is sent and hands it on. It knows the commands that a mailer needs to
 * deliver plain messages; TLS, log-ins and relaying are not its business.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Mail } from '../engine.ts';

export interface SmtpSinkOptions {
  /** Larger messages are refused, as the greeting says. */
  readonly maxBytes: number;
  readonly onMail: (mail: Mail) => void;
  /** A client that broke off, or spoke something else. */
  readonly onTrouble: (message: string) => void;
}

export interface SmtpSink {
  /** Rejects if the port is taken. */
  listen(port: number, host: string): Promise<void>;
  /** Stops listening, and cuts whoever is still connected. */
  close(): Promise<void>;
}

const LINE_END = '\r\n';
/** A line alone with a dot ends a message. */
const MESSAGE_END = '\r\n.\r\n';
/** RFC 5321 allows 512; parameters of extensions may double that. */
const LONGEST_COMMAND = 1024;

export function createSmtpSink(options: SmtpSinkOptions): SmtpSink {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', error => options.onTrouble(error.message));
    new Conversation(socket, options).begin();
  });
  return {
    listen: (port, host) => listen(server, port, host),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** One client's connection, and what it has told so far. Bytes are kept as latin1, one character each, until a mail is whole. */
class Conversation {
  readonly #socket: Socket;
  readonly #options: SmtpSinkOptions;
  #pending = '';
  #inMessage = false;
  #from: string | undefined;
  #to: string[] = [];

  constructor(socket: Socket, options: SmtpSinkOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  begin(): void {
    this.#socket.setEncoding('latin1').on('data', (text: string) => {
      this.#pending += text;
      while (this.#inMessage ? this.#takeMessage() : this.#takeCommand());
    });
    this.#say('220 localhost ready');
  }

  /** @returns whether there may be more to take */
  #takeCommand(): boolean {
    const end = this.#pending.indexOf(LINE_END);
    if (end < 0) {
      if (this.#pending.length > LONGEST_COMMAND) this.#refuse('500 line too long');
      return false;
    }
    const line = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end + LINE_END.length);
    this.#answer(line);
    return true;
  }

  #takeMessage(): boolean {
    // A message without content has its end right at the beginning.
    const text = LINE_END + this.#pending;
    const end = text.indexOf(MESSAGE_END);
    if (
      end > this.#options.maxBytes ||
      (end < 0 && text.length > this.#options.maxBytes + MESSAGE_END.length)
    ) {
      this.#refuse('552 message too large');
      return false;
    }
    if (end < 0) return false;
    this.#pending = text.slice(end + MESSAGE_END.length);
    this.#inMessage = false;
    // A line that begins with a dot was sent with one more.
    const content = text.slice(0, end).replaceAll('\r\n.', LINE_END).slice(LINE_END.length);
    const raw = Buffer.from(content, 'latin1').toString('utf8');
    this.#options.onMail({ from: this.#from ?? '', to: this.#to, raw });
    this.#reset();
    this.#say('250 accepted');
    return true;
  }

  #answer(line: string): void {
    const [verb = ''] = line.toUpperCase().split(/[ :]/);
    if (verb === 'QUIT') this.#refuse('221 bye');
    else this.#say(...this.#reply(verb, /<([^>]*)>/.exec(line)?.[1]));
  }

  #reply(verb: string, address: string | undefined): readonly string[] {
    switch (verb) {
      case 'EHLO':
        this.#reset();
        return ['250-localhost', '250-8BITMIME', '250-SMTPUTF8', `250 SIZE ${this.#options.maxBytes}`];
      case 'HELO':
        this.#reset();
        return ['250 localhost'];
      case 'MAIL':
        if (address === undefined) return ['501 MAIL FROM:<address>'];
        this.#reset();
        this.#from = address;
        return ['250 sender noted'];
      case 'RCPT':
        if (this.#from === undefined) return ['503 MAIL first'];
        if (!address) return ['501 RCPT TO:<address>'];
        this.#to.push(address);
        return ['250 recipient noted'];
      case 'DATA':
        if (this.#to.length === 0) return ['503 RCPT first'];
        this.#inMessage = true;
        return ['354 go on, and end with a dot'];
      case 'RSET':
        this.#reset();
        return ['250 forgotten'];
      case 'NOOP':
        return ['250 still here'];
      default:
        return ['502 unknown command'];
    }
  }

  #reset(): void {
    this.#from = undefined;
    this.#to = [];
  }

  #say(...lines: readonly string[]): void {
    this.#socket.write(lines.map(line => line + LINE_END).join(''));
  }

  /** A last word. */
  #refuse(line: string): void {
    this.#pending = '';
    this.#socket.end(line + LINE_END);
  }
}
