import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSigned, signedHeaders } from '#kit/signature';

const NOW = Date.UTC(2026, 0, 31);
const signed = () => signedHeaders('a key', 'message-1', '{"a":1}', NOW);

test('a signature is good for its key, its body and its id', () => {
  assert.equal(isSigned(['a key'], { ...signed() }, '{"a":1}', NOW), true);
  assert.equal(isSigned(['another key'], { ...signed() }, '{"a":1}', NOW), false);
  assert.equal(isSigned(['a key'], { ...signed() }, '{"a":2}', NOW), false);
  assert.equal(isSigned(['a key'], { ...signed(), 'webhook-id': 'message-2' }, '{"a":1}', NOW), false);
});

test('while a key is being replaced, both are good', () => {
  assert.equal(isSigned(['the new key', 'a key'], { ...signed() }, '{"a":1}', NOW), true);
});

test('a signature older or newer than five minutes is refused', () => {
  assert.equal(isSigned(['a key'], { ...signed() }, '{"a":1}', NOW + 299_000), true);
  assert.equal(isSigned(['a key'], { ...signed() }, '{"a":1}', NOW + 301_000), false);
  assert.equal(isSigned(['a key'], { ...signed() }, '{"a":1}', NOW - 301_000), false);
});

test('what is no signature at all is refused', () => {
  assert.equal(isSigned(['a key'], {}, '{"a":1}', NOW), false);
  assert.equal(isSigned(['a key'], { ...signed(), 'webhook-signature': 'v1,' }, '{"a":1}', NOW), false);
  assert.equal(isSigned(['a key'], { ...signed(), 'webhook-timestamp': 'NaN' }, '{"a":1}', NOW), false);
  assert.equal(isSigned([], { ...signed() }, '{"a":1}', NOW), false);
});

test('the signature is the one that Standard Webhooks describes', () => {
  // Made with: printf 'msg_1.1700000000.{}' | openssl dgst -sha256 -hmac secret -binary | base64
  const headers = signedHeaders('secret', 'msg_1', '{}', 1_700_000_000_000);
  assert.equal(headers['webhook-signature'], 'v1,A5oIrJxXPB/PkULSoVu0e4khvPiqpF9vljmhkSKg0FI=');
});
