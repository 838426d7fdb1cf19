/** Help for the services' tests: messages as other services send them, and what a service wrote for others. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Database } from '#kit/database';
import { messageTables } from '#kit/message-tables';
import { CONTENT_TYPE } from '#kit/messages';
import { migrate } from '#kit/migrate';
import { signedHeaders } from '#kit/signature';
import { createTestHttp, startTestDatabase, type TestDatabase } from '#kit/testing';

/** As `startTestDatabase`, with outbox and inbox. */
export async function startServiceDatabase(...modules: string[]): Promise<TestDatabase> {
  const started = await startTestDatabase(...modules);
  const { owner, app, admin } = started;
  await migrate({
    owner,
    appRole: app.user,
    appPassword: undefined,
    adminUser: admin.user,
    adminPassword: undefined,
    modules: [messageTables],
  });
  return started;
}

/** What a test may do wrong, or twice, in sending a message. */
interface Sending {
  readonly id?: string;
  readonly key?: string;
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/** Sends a message to `/inbox`. The key is the sender's name unless it is given. @returns the status of the answer */
export async function send(
  http: FastifyInstance,
  type: string,
  data: object,
  { id = randomUUID(), key = type.split('.')[1] ?? '', at = Date.now() }: Sending = {},
): Promise<number> {
  const body = JSON.stringify({ specversion: '1.0', id, source: key, type, subject: 'a test', data });
  const headers = { 'content-type': CONTENT_TYPE, ...signedHeaders(key, id, body, at) };
  return (await http.inject({ method: 'POST', url: '/inbox', headers, payload: body })).statusCode;
}

/** Keys by which `send` is believed. */
export const testSenders = (...names: string[]) => new Map(names.map(name => [name, [name]]));

/** Messages about `subject` in the outbox, as `receiver: Name`, in alphabetical order. */
export async function sentAbout(database: Database, subject: string): Promise<string[]> {
  const { rows } = await database.query<{ line: string }>(
    `select destination || ': ' || split_part(type, '.', 3) as line from messages.outbox where subject = $1 order by 1`,
    [subject],
  );
  return rows.map(row => row.line);
}

interface Contract {
  readonly examples: readonly [object];
}

async function contractOf(type: string): Promise<Contract> {
  const [, producer, name, version] = type.split('.');
  return JSON.parse(await readFile(`../../contracts/${producer}/${name}.${version}.json`, 'utf8'));
}

/** The contract's own example of a message's data, with a field that nobody has heard of. */
export async function exampleOf(type: string): Promise<object> {
  return { ...(await contractOf(type)).examples[0], aFieldOfTomorrow: { is: ['ignored'] } };
}

/** What is wrong with the messages in the outbox, held against their contracts. */
export async function contractBreaches(database: Database): Promise<unknown[]> {
  const { rows } = await database.query<{ type: string; body: string }>(
    'select type, body from messages.outbox',
  );
  const contracts = await Promise.all(rows.map(row => contractOf(row.type)));
  const http = createTestHttp();
  http.get('/', async request =>
    rows.flatMap(({ type, body }, index) => {
      const validate = request.compileValidationSchema(contracts[index] ?? {});
      return validate(JSON.parse(body).data) ? [] : [{ type, errors: validate.errors }];
    }),
  );
  return (await http.inject('/')).json();
}
