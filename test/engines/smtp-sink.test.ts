import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Mail } from '../../src/engines/engine.ts';
import { createSmtpSink, type SmtpSink } from '../../src/engines/native/smtp-sink.ts';

let sink: SmtpSink | undefined;
afterEach(() => sink?.close());

describe('the SMTP sink', () => {
  it('takes a mail, dots, UTF-8 and several recipients included', async () => {
    const { mails, talk } = await start();
    const replies = await talk(
      'EHLO me',
      'MAIL FROM:<shop@shop.example> SIZE=100',
      'RCPT TO:<a@shop.example>',
      'RCPT TO:<b@shop.example>',
      'DATA',
      'Subject: Grüße\r\n\r\n..a dot\r\nlast\r\n.',
      'QUIT',
    );
    expect(replies.map(line => line.slice(0, 3))).toEqual([
      '220',
      '250',
      '250',
      '250',
      '250',
      '250',
      '250',
      '250',
      '354',
      '250',
      '221',
    ]);
    expect(mails).toEqual([
      {
        from: 'shop@shop.example',
        to: ['a@shop.example', 'b@shop.example'],
        raw: 'Subject: Grüße\r\n\r\n.a dot\r\nlast',
      },
    ]);
  });

  it('takes a second mail on the same connection, and an empty one', async () => {
    const { mails, talk } = await start();
    const envelope = ['MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA'];
    await talk('HELO me', ...envelope, 'one\r\n.', ...envelope, '.', 'QUIT');
    expect(mails.map(mail => mail.raw)).toEqual(['one', '']);
  });

  it.each([
    ['RCPT TO:<c@d>', '503'],
    ['DATA', '503'],
    ['MAIL FROM nobody', '501'],
    ['STARTTLS', '502'],
    ['VRFY x', '502'],
    ['x'.repeat(2000), '502'],
  ])('refuses %s', async (line, code) => {
    const { talk, mails } = await start();
    const replies = await talk('HELO me', line, 'QUIT');
    expect(replies[2]?.slice(0, 3)).toBe(code);
    expect(mails).toEqual([]);
  });

  it('refuses more than it said it would take, and a line that never ends', async () => {
    const { talk, mails } = await start(100);
    const replies = await talk('HELO me', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA', 'x'.repeat(500));
    expect(replies.at(-1)).toMatch(/^552/);
    expect(mails).toEqual([]);
  });
});

async function start(maxBytes = 10_000) {
  const mails: Mail[] = [];
  sink = createSmtpSink({ maxBytes, onMail: mail => mails.push(mail), onTrouble: () => undefined });
  const port = await freePort();
  await sink.listen(port, '127.0.0.1');
  /** Sends each line when the one before has been answered; resolves to all replies when the server hangs up. */
  const talk = async (...lines: string[]): Promise<string[]> => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', chunk => {
      heard += String(chunk);
      // The last line of a reply has a blank behind its code.
      if (heard.endsWith('\r\n') && /^\d{3} /.test(heard.trimEnd().split('\r\n').at(-1) ?? '')) {
        const next = lines.shift();
        if (next !== undefined) socket.write(`${next}\r\n`);
      }
    });
    await once(socket, 'close');
    return heard.trimEnd().split('\r\n');
  };
  return { mails, talk };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
