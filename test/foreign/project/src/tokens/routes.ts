import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#kit/problem';
import { object, string } from '#kit/schema';
import { hashPassphrase, isPassphrase } from './passphrases.ts';
import type { Engineer, TokenStore } from './store.ts';

const TOKEN_HOURS = 12;

/** Stands in for the hash of an unknown user, so that the time an answer takes does not tell who is an engineer. */
const nobodysHash = hashPassphrase(randomBytes(16).toString('hex'));

const credentials = object({
  user: { ...string, minLength: 3, maxLength: 254 },
  passphrase: { ...string, minLength: 1, maxLength: 200 },
});
const newToken = object({ token: string, expiresAt: string });
const current = object({ engineer: object({ id: string, user: string, name: string }), expiresAt: string });

export function tokenRoutes(http: FastifyInstance, { store }: { store: TokenStore }): void {
  http.post<{ Body: { user: string; passphrase: string } }>(
    '/tokens',
    { schema: { body: credentials, response: { 201: newToken } } },
    async ({ body }, reply) => {
      const account = await store.findEngineer(body.user.toLowerCase());
      const isRight = await isPassphrase(body.passphrase, account?.passphraseHash ?? (await nobodysHash));
      if (!account || !isRight) throw unauthorized('The user or the passphrase is wrong.');
      const token = randomBytes(32).toString('base64url');
      const expiresAt = new Date(Date.now() + TOKEN_HOURS * 3_600_000);
      await store.open(hashToken(token), account.id, expiresAt);
      reply.code(201);
      return { token, expiresAt };
    },
  );

  http.get('/tokens/current', { schema: { response: { 200: current } } }, request =>
    findToken(store, request),
  );
}

/** Who sent the request. @throws Problem 401 without a token that counts. */
export function createCurrentEngineer(store: TokenStore): (request: FastifyRequest) => Promise<Engineer> {
  return async request => (await findToken(store, request)).engineer;
}

async function findToken(store: TokenStore, request: FastifyRequest) {
  const token = /^bearer ([\w-]{1,100})$/i.exec(request.headers.authorization ?? '')?.[1];
  const found = token ? await store.find(hashToken(token)) : undefined;
  if (!found) throw unauthorized('A token is needed: POST /tokens gives one.');
  return found;
}

function unauthorized(detail: string): Problem {
  return new Problem(401, detail, { headers: { 'www-authenticate': 'Bearer' } });
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
