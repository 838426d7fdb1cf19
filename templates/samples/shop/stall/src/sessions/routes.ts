import { createHash, randomBytes } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#kit/problem';
import { object, string } from '#kit/schema';
import { hashPassword, verifyPassword } from './passwords.ts';
import type { Customer, Session, SessionStore } from './store.ts';

const COOKIE = 'session';
const SESSION_SECONDS = 7 * 24 * 60 * 60;

/** Stands in for the hash of an unknown address, so that the time an answer takes does not tell who is a customer. */
const nobodysHash = hashPassword(randomBytes(16).toString('hex'));

const credentials = object({
  email: { ...string, minLength: 3, maxLength: 254 },
  password: { ...string, minLength: 1, maxLength: 200 },
});
const session = object({ customer: object({ id: string, email: string, name: string }), expiresAt: string });

interface Options {
  readonly store: SessionStore;
  /** Whether the cookie may only travel over HTTPS. */
  readonly cookieSecure: boolean;
  /** Makes the cookie's value: nothing that anyone could guess. */
  readonly newToken?: (customer: Customer, expiresAt: Date) => string;
}

export function sessionRoutes(http: FastifyInstance, options: Options): void {
  const { store, cookieSecure, newToken = randomToken } = options;

  function setCookie(reply: FastifyReply, value: string, maxAge: number): FastifyReply {
    const settings = { path: '/', httpOnly: true, sameSite: 'lax', secure: cookieSecure } as const;
    return reply.header('set-cookie', stringifySetCookie({ name: COOKIE, value, maxAge, ...settings }));
  }

  http.post<{ Body: { email: string; password: string } }>(
    '/sessions',
    { schema: { body: credentials, response: { 201: session } } },
    async ({ body }, reply) => {
      const account = await store.findAccount(body.email.toLowerCase());
      const right = await verifyPassword(body.password, account?.passwordHash ?? (await nobodysHash));
      if (!account || !right) throw new Problem(401, 'The e-mail address or the password is wrong.');
      const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1000);
      const token = newToken(account, expiresAt);
      await store.open(hashToken(token), account.id, expiresAt);
      setCookie(reply, token, SESSION_SECONDS).code(201);
      return { customer: account, expiresAt };
    },
  );

  http.get('/sessions/current', { schema: { response: { 200: session } } }, request =>
    findSession(store, request),
  );

  http.delete('/sessions/current', async (request, reply) => {
    const token = tokenOf(request);
    if (token) await store.close(hashToken(token));
    return setCookie(reply, '', 0).code(204).send();
  });
}

/** The sender's session. @throws Problem 401 when nobody is signed in. */
export async function findSession(store: SessionStore, request: FastifyRequest): Promise<Session> {
  const token = tokenOf(request);
  const found = token ? await store.find(hashToken(token)) : undefined;
  if (!found) throw new Problem(401, 'Sign in first.');
  return found;
}

function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

function tokenOf(request: FastifyRequest): string | undefined {
  return parseCookie(request.headers.cookie ?? '')[COOKIE];
}

/** What is kept instead of the token: who reads the store still cannot sign in as anyone. */
function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
