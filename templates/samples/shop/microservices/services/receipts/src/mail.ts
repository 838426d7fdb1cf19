/** A receipt as an e-mail. */
import { createTransport } from 'nodemailer';
import type { PaidOrder } from './store.ts';

/** Longest time for each step of handing a mail over, in milliseconds: a hung mail server must not hold the queue. */
const SMTP_TIMEOUT_MS = 10_000;

export interface Mailer {
  /** @throws Error when the mail server does not take it */
  send(order: PaidOrder): Promise<void>;
  close(): void;
}

/** An address such as smtp://mail:1025. @throws Error that says so */
export function mailUrl(value: string): string {
  if (!/^smtps?:\/\/./.test(value) || !URL.canParse(value))
    throw new Error(`must look like smtp://mail:1025, not ${value}`);
  return value;
}

/** @param url such as smtp://mail:1025, or smtps://user:password@host */
export function createMailer(url: string, from: string): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: SMTP_TIMEOUT_MS,
    greetingTimeout: SMTP_TIMEOUT_MS,
    socketTimeout: SMTP_TIMEOUT_MS,
  });
  return {
    async send(order) {
      await transport.sendMail({
        from,
        to: order.email,
        subject: `Your receipt for order ${order.orderId}`,
        text: receiptText(order),
        // SMTP knows no transaction: a program killed between sending and noting it sends again. By this id, which is
        // the same both times, mail programs can tell that it is one message.
        messageId: `<order-${order.orderId}@${hostOf(from)}>`,
      });
    },
    close: () => transport.close(),
  };
}

export function receiptText({ orderId, items, totalCents, currency, createdAt }: PaidOrder): string {
  const lines = items.map(
    ({ name, quantity, priceCents }) => `${quantity} x ${name}: ${money(quantity * priceCents, currency)}`,
  );
  const total = `Total: ${money(totalCents, currency)}`;
  return [
    'Thank you for your order.',
    '',
    ...lines,
    total,
    '',
    `Order ${orderId}, placed ${createdAt}`,
    '',
  ].join('\n');
}

function money(cents: number, currency: string): string {
  return `${(cents / 100).toFixed(2)} ${currency}`;
}

function hostOf(from: string): string {
  return /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost';
}
