import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { readToken, signToken } from '#kit/session-token';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const customer = { id: '0e4c8c3a-0d5a-4d53-8a83-5f3b8a3e2d10', email: 'demo@shop.example' };
const NOW = Date.UTC(2026, 0, 31);
const token = signToken(privateKey, customer, new Date(NOW + 60_000));

test('a token tells who is signed in, until it expires', () => {
  assert.deepEqual(readToken(publicKey, token, NOW), customer);
  assert.equal(readToken(publicKey, token, NOW + 60_000), undefined);
});

test('two tokens of one customer differ', () => {
  assert.notEqual(
    signToken(privateKey, customer, new Date(NOW)),
    signToken(privateKey, customer, new Date(NOW)),
  );
});

test('a token that anyone else made is refused', () => {
  const stranger = generateKeyPairSync('ed25519');
  assert.equal(
    readToken(publicKey, signToken(stranger.privateKey, customer, new Date(NOW + 60_000)), NOW),
    undefined,
  );
});

test('a damaged token is refused', () => {
  const [header, claims, signature] = token.split('.');
  const admin = Buffer.from(JSON.stringify({ sub: 'admin', exp: 9_999_999_999 })).toString('base64url');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const bad of [
    '',
    'x',
    `${header}.${admin}.${signature}`,
    `${none}.${claims}.`,
    `${header}.${claims}`,
  ]) {
    assert.equal(readToken(publicKey, bad, NOW), undefined, bad);
  }
});
