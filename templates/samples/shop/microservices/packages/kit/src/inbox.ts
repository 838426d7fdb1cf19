/** The inbox: where other services' messages arrive. Each takes effect once, however often it comes. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database, Queries } from '#kit/database';
import { CONTENT_TYPE, type Message } from '#kit/messages';
import { Problem } from '#kit/problem';
import { isSigned } from '#kit/signature';

export interface Handler {
  /** What this service needs of `data`, as JSON Schema. Fields that it does not name are ignored: senders may add some. */
  readonly schema: object;
  /** Runs in one transaction with the note that the message has come. */
  handle(tx: Queries, message: Message): Promise<void>;
}

export interface InboxOptions {
  readonly database: Database;
  /** Keys by sender: more than one while a key is being replaced. */
  readonly senders: ReadonlyMap<string, readonly string[]>;
  /** By message type. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Called after a message has taken effect. */
  readonly onHandled?: () => void;
}

/** A handler whose data has the type that its schema describes. */
export function handler<Data>(
  schema: object,
  handle: (tx: Queries, data: Data, message: Message) => Promise<void>,
): Handler {
  return { schema, handle: (tx, message) => handle(tx, message.data as Data, message) };
}

/** A schema for data that has at least these properties. */
export function having(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', required: Object.keys(properties), properties };
}

export const uuid = { type: 'string', format: 'uuid' } as const;

/** Adds `POST /inbox`. The front door must never lead here. */
export function registerInbox(app: FastifyInstance, options: InboxOptions): void {
  app.register(async scope => {
    // The signature is over the bytes that came, so nothing parses them first.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(CONTENT_TYPE, { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Body: string }>('/inbox', (request, reply) => receive(request, reply, options));
  });
}

async function receive(
  request: FastifyRequest<{ Body: string }>,
  reply: FastifyReply,
  { database, senders, handlers, onHandled }: InboxOptions,
): Promise<FastifyReply> {
  const sender = [...senders].find(([, keys]) => isSigned(keys, request.headers, request.body))?.[0];
  if (!sender)
    throw new Problem(401, 'The message is not signed by a service that may send here, or it is too old');
  const message = parsed(request.body);
  const known = handlers[message.type];
  // A key speaks for its owner only: payments cannot send what orders is to say.
  if (!known || !message.type.startsWith(`shop.${sender}.`)) {
    throw new Problem(422, `No message of type ${message.type} is taken from ${sender}`);
  }
  if (!request.validateInput(message.data, known.schema)) {
    throw new Problem(422, `The data of ${message.type} ${message.id} is not what its contract says`);
  }
  const isNew = await database.transaction(async tx => {
    if (!(await isFirst(tx, message))) return false;
    await known.handle(tx, message);
    return true;
  });
  if (isNew) onHandled?.();
  return reply.code(204).send();
}

// A copy that arrives meanwhile waits here for the first one's commit, and then finds the row.
async function isFirst(tx: Queries, message: Message): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into messages.inbox (id, type) values ($1, $2) on conflict do nothing',
    [message.id, message.type],
  );
  return rowCount === 1;
}

function parsed(body: string): Message {
  let message: Partial<Message> | null;
  try {
    message = JSON.parse(body) as Partial<Message> | null;
  } catch {
    throw new Problem(400, 'The message is not JSON');
  }
  const { id, type, subject } = message ?? {};
  if (typeof id !== 'string' || !UUID.test(id) || typeof type !== 'string' || typeof subject !== 'string') {
    throw new Problem(400, 'The message is not a CloudEvent with id, type and subject');
  }
  return message as Message;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
