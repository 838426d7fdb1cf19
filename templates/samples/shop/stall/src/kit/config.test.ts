import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig, StartError } from '#kit/config';
import { httpVariables } from '#kit/http';

test('an empty environment gives the defaults', () => {
  const config = readConfig(httpVariables, {});
  assert.equal(config.port, 3000);
  assert.equal(config.host, '127.0.0.1');
  assert.deepEqual(config.trustProxy, []);
});

for (const [name, value] of [
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['BASE_PATH', 'api/'],
  ['TRUST_PROXY', '10.0.0.0/8,everyone'],
  ['COOKIE_SECURE', 'yes'],
  ['DRAIN_SECONDS', '-1'],
]) {
  test(`${name}=${value} is refused by name`, () => {
    assert.throws(
      () => readConfig(httpVariables, { [name as string]: value }),
      (error: Error) => error instanceof StartError && error.message.startsWith(`${name} must `),
    );
  });
}

test('a required variable that is missing is named', () => {
  assert.throws(
    () => readConfig({ host: { name: 'PGHOST', read: String } }, { PGHOST: '' }),
    /^StartError: PGHOST is not set/,
  );
});
