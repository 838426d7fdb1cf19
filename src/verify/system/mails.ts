/** Mails as their readers see them. */
import type { Mail, Running } from '../../engines/engine.ts';

/** The mails that came so far and have the text anywhere in them. */
export async function mailsHolding(running: Running, text: string): Promise<Mail[]> {
  return (await running.mails()).filter(mail => holdsText(mail.raw, text));
}

/** Whether a message as it went over the wire has the text, however it was encoded on its way (RFC 2045 §6). */
export function holdsText(raw: string, text: string): boolean {
  return raw.replaceAll(/=\r?\n/g, '').includes(text) || decodedParts(raw).some(part => part.includes(text));
}

function decodedParts(raw: string): string[] {
  const parts = raw.matchAll(
    /^content-transfer-encoding: *base64\b[\s\S]*?\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/gim,
  );
  return [...parts].map(([, body = '']) => Buffer.from(body, 'base64').toString('utf8'));
}
