/** The programs that the shop is split into: who talks to whom, as a table, and what follows from it. */
import type { EnvEntry, SecretSpec } from '../blueprint/blueprint.ts';
import { smtpEnv } from '../pieces/mail.ts';

/** Messages go from the first to the second. Each pair shares a signing key of its own. */
const CONVERSATIONS: readonly (readonly [sender: string, receiver: string])[] = [
  ['orders', 'shop'],
  ['shop', 'orders'],
  ['orders', 'payments'],
  ['payments', 'orders'],
  ['shop', 'search'],
  ['search', 'shop'],
  ['orders', 'search'],
  ['search', 'orders'],
  ['orders', 'receipts'],
];

export interface ServiceFacts {
  readonly caption: string;
  readonly routes: readonly string[];
  readonly sessions: 'signs' | 'checks' | 'has none';
  readonly env: readonly EnvEntry[];
}

/** How long an order may wait for stock and payment before it is taken back, in seconds. */
const ORDER_DEADLINE_SECONDS = 900;

export const SERVICES: Readonly<Record<string, ServiceFacts>> = {
  shop: { caption: 'products, stock, sessions', routes: [''], sessions: 'signs', env: [] },
  orders: {
    caption: 'takes orders, sees them through',
    routes: ['/orders'],
    sessions: 'checks',
    env: [{ key: 'ORDER_DEADLINE_SECONDS', value: String(ORDER_DEADLINE_SECONDS) }],
  },
  payments: { caption: 'charges cards', routes: [], sessions: 'has none', env: [] },
  search: { caption: 'finds products and orders', routes: ['/search'], sessions: 'checks', env: [] },
  receipts: {
    caption: 'mails receipts from a queue',
    routes: [],
    sessions: 'has none',
    env: [...smtpEnv(), { key: 'MAIL_FROM', value: 'Shop <shop@shop.example>' }],
  },
};

const SESSION_ENV: Readonly<Record<ServiceFacts['sessions'], readonly EnvEntry[]>> = {
  signs: [{ key: 'SESSION_PRIVATE_KEY_FILE', secretFile: 'session_private_key' }],
  checks: [{ key: 'SESSION_PUBLIC_KEY_FILE', secretFile: 'session_public_key' }],
  'has none': [],
};

/** What a service needs to sign sessions, or to check them. */
export function sessionEnv({ sessions }: ServiceFacts): readonly EnvEntry[] {
  return SESSION_ENV[sessions];
}

/** The pair that signs sessions. */
export function sessionKeys(): SecretSpec[] {
  return [
    { name: 'session_private_key', purpose: 'shop signs sessions with it', kind: 'ed25519-private' },
    { name: 'session_public_key', purpose: 'others check sessions with it', kind: 'ed25519-public' },
  ];
}

/** A key for each conversation. @param names the services that there are */
export function conversationKeys(names: readonly string[]): SecretSpec[] {
  return conversationsAmong(names).map(([sender, receiver]) => ({
    name: keyOf(sender, receiver),
    purpose: `signs messages from ${sender} to ${receiver}`,
    kind: 'random',
  }));
}

/** Where a service finds those that it sends messages to, and the keys of all its conversations. */
export function conversationEnv(name: string, names: readonly string[]): EnvEntry[] {
  return conversationsAmong(names).flatMap(([sender, receiver]): EnvEntry[] => {
    const secretFile = keyOf(sender, receiver);
    if (name === receiver) return [{ key: `RECEIVE_KEY_${sender.toUpperCase()}_FILE`, secretFile }];
    if (name !== sender) return [];
    const peer = receiver.toUpperCase();
    return [
      { key: `${peer}_URL`, urlOf: receiver, scheme: 'http' },
      { key: `SEND_KEY_${peer}_FILE`, secretFile },
    ];
  });
}

function conversationsAmong(names: readonly string[]) {
  return CONVERSATIONS.filter(pair => pair.every(name => names.includes(name)));
}

function keyOf(sender: string, receiver: string): string {
  return `key_${sender}_${receiver}`;
}
