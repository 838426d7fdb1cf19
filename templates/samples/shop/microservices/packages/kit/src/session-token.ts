/**
 * Sessions that any service can check by itself, also while the shop is down: the cookie is a JSON Web Token signed with
 * Ed25519. Only the shop holds the private key and can make one; the public key can only check it.
 *
 * The price: who signs out is gone from the shop at once, but a copy of the cookie still works at the other services until it
 * expires. SESSION_SECONDS in the shop's sessions/routes.ts bounds that; lower it if that is too long for you.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { parseCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { secretFile } from '#kit/config';
import { Problem } from '#kit/problem';

/** The only header that is ever accepted: a token does not get to choose how it is checked. */
const HEADER = Buffer.from('{"alg":"EdDSA","typ":"JWT"}').toString('base64url');

/** Who is signed in, as far as the other services need to know. */
export interface Signed {
  readonly id: string;
  readonly email: string;
}

export const privateKeyVariable = {
  name: 'SESSION_PRIVATE_KEY_FILE',
  read: (path: string) => ed25519(createPrivateKey, path),
};

export const publicKeyVariable = {
  name: 'SESSION_PUBLIC_KEY_FILE',
  read: (path: string) => ed25519(createPublicKey, path),
};

/** Its contents are readable to whoever holds it: it is signed, not encrypted. */
export function signToken(key: KeyObject, { id, email }: Signed, expiresAt: Date): string {
  const claims = { jti: randomUUID(), sub: id, email, exp: Math.floor(expiresAt.getTime() / 1000) };
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** Whose token it is, or undefined where it is forged, damaged or expired. `now` is in milliseconds since 1970. */
export function readToken(key: KeyObject, token: string, now = Date.now()): Signed | undefined {
  const [header, claims = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${HEADER}.${claims}`);
  if (header !== HEADER || !verify(null, signed, key, Buffer.from(signature, 'base64url'))) return undefined;
  const { sub, email, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  return exp * 1000 > now ? { id: sub, email } : undefined;
}

/** Who sent the request, or undefined when nobody is signed in. */
export function signedIn(key: KeyObject, request: FastifyRequest): Signed | undefined {
  const token = parseCookie(request.headers.cookie ?? '').session;
  return token ? readToken(key, token) : undefined;
}

/** As `signedIn`. @throws Problem 401 when nobody is signed in. */
export function createCurrentCustomer(key: KeyObject): (request: FastifyRequest) => Promise<Signed> {
  return async request => {
    const customer = signedIn(key, request);
    if (!customer) throw new Problem(401, 'Sign in first.');
    return customer;
  };
}

function ed25519(parse: (pem: string) => KeyObject, path: string): KeyObject {
  const pem = secretFile(path);
  try {
    const key = parse(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {}
  throw new Error(`names a file that holds no Ed25519 key in PEM form (${path})`);
}
