import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { createMailer } from './mail.ts';

const received: string[] = [];
let answer: Error | null = null;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  async onData(stream, _session, done) {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    if (!answer) received.push(Buffer.concat(chunks).toString());
    done(answer);
  },
});
const { server: socket } = server;
server.listen(0, '127.0.0.1');
await once(socket, 'listening');
const { port } = socket.address() as AddressInfo;
const mailer = createMailer(`smtp://127.0.0.1:${port}`, 'Shop <shop@shop.example>');
after(() => {
  mailer.close();
  server.close();
});

const ORDER = {
  orderId: '0b6d1a5e-6f0a-4a52-9c39-0f6a3c1f9d11',
  email: 'demo@shop.example',
  items: [{ name: 'Keyboard', quantity: 2, priceCents: 7900 }],
  totalCents: 15800,
  currency: 'EUR',
  createdAt: '2026-01-02T03:04:05.000Z',
};

test('a receipt goes over SMTP, under an id that a second sending would have too', async () => {
  await mailer.send(ORDER);
  await mailer.send(ORDER);
  const [first = '', second = ''] = received;
  assert.match(first, /^To: demo@shop\.example\r$/m);
  assert.match(first, /2 x Keyboard: 158\.00 EUR/);
  const idOf = (mail: string) => /^Message-ID: (.+)\r$/im.exec(mail)?.[1];
  assert.equal(idOf(first), `<order-${ORDER.orderId}@shop.example>`);
  assert.equal(idOf(second), idOf(first));
});

test('a mail server that does not take it is an error', async () => {
  answer = new Error('no room');
  await assert.rejects(mailer.send(ORDER), /no room/);
});
