/** The programs of the microservices stage: who talks to whom, as a table, and what follows from it. */
import type { Answers } from '../journey/options.ts';
import type { EnvEntry, ProgramNode, ProgramSpec, SecretSpec } from './blueprint.ts';

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

interface ServiceFacts {
  readonly caption: string;
  readonly isPublic: boolean;
  readonly readsSessions: boolean;
  readonly env: readonly EnvEntry[];
}

/** How long an order may wait for stock and payment before it is taken back, in seconds. */
const ORDER_DEADLINE_SECONDS = 900;

const SERVICES: Readonly<Record<string, ServiceFacts>> = {
  shop: { caption: 'products, stock, sessions', isPublic: true, readsSessions: false, env: [] },
  orders: {
    caption: 'takes orders, sees them through',
    isPublic: true,
    readsSessions: true,
    env: [{ key: 'ORDER_DEADLINE_SECONDS', value: String(ORDER_DEADLINE_SECONDS) }],
  },
  payments: { caption: 'charges cards', isPublic: false, readsSessions: false, env: [] },
  search: { caption: 'finds products and orders', isPublic: true, readsSessions: true, env: [] },
  receipts: {
    caption: 'mails receipts from a queue',
    isPublic: false,
    readsSessions: false,
    env: [
      { key: 'SMTP_URL', urlOf: 'mail', scheme: 'smtp' },
      { key: 'MAIL_FROM', value: 'Shop <shop@shop.example>' },
    ],
  },
};

/** The programs of the stage. @param build makes a node from what tells one program from another */
export function servicePrograms(answers: Answers, build: (spec: ProgramSpec) => ProgramNode): ProgramNode[] {
  const names = programNames(answers);
  return names.map(name => {
    const facts = SERVICES[name];
    if (!facts) throw new Error(`no facts about the service ${name}`);
    const entries = [...sessionEnv(name, facts), ...facts.env, ...conversationEnv(name, names)];
    return build({
      name,
      folder: `services/${name}`,
      replicas: name === 'shop' ? (answers.replicas ?? 1) : 1,
      env: entries,
      secrets: entries.flatMap(entry => ('secretFile' in entry ? [entry.secretFile] : [])),
      caption: facts.caption,
      isPublic: facts.isPublic,
      reachesMail: name === 'receipts',
    });
  });
}

/** The secrets that only this stage has: a key for each conversation, and the pair that signs sessions. */
export function serviceSecrets(answers: Answers): SecretSpec[] {
  if (!answers.services) return [];
  const names = programNames(answers);
  return [
    { name: 'session_private_key', purpose: 'shop signs sessions with it', kind: 'ed25519-private' },
    { name: 'session_public_key', purpose: 'others check sessions with it', kind: 'ed25519-public' },
    ...conversationsAmong(names).map(
      ([sender, receiver]): SecretSpec => ({
        name: `key_${sender}_${receiver}`,
        purpose: `signs messages from ${sender} to ${receiver}`,
        kind: 'random',
      }),
    ),
  ];
}

function programNames(answers: Answers): string[] {
  return ['shop', ...(answers.services ?? [])];
}

function conversationsAmong(names: readonly string[]) {
  return CONVERSATIONS.filter(pair => pair.every(name => names.includes(name)));
}

function sessionEnv(name: string, facts: ServiceFacts): EnvEntry[] {
  if (name === 'shop') return [{ key: 'SESSION_PRIVATE_KEY_FILE', secretFile: 'session_private_key' }];
  return facts.readsSessions ? [{ key: 'SESSION_PUBLIC_KEY_FILE', secretFile: 'session_public_key' }] : [];
}

function conversationEnv(name: string, names: readonly string[]): EnvEntry[] {
  return conversationsAmong(names).flatMap(([sender, receiver]): EnvEntry[] => {
    const secretFile = `key_${sender}_${receiver}`;
    if (name === receiver) return [{ key: `RECEIVE_KEY_${sender.toUpperCase()}_FILE`, secretFile }];
    if (name !== sender) return [];
    const peer = receiver.toUpperCase();
    return [
      { key: `${peer}_URL`, urlOf: receiver, scheme: 'http' },
      { key: `SEND_KEY_${peer}_FILE`, secretFile },
    ];
  });
}
