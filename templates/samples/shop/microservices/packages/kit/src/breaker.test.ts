import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Breaker } from '#kit/breaker';

function failing(times: number) {
  const clock = { now: 0 };
  const breaker = new Breaker(() => clock.now);
  for (let i = 0; i < times; i += 1) breaker.failed();
  return { breaker, clock };
}

test('four failures in a row do not open it, the fifth does', () => {
  assert.equal(failing(4).breaker.tryAcquire(), true);
  assert.equal(failing(5).breaker.tryAcquire(), false);
});

test('one success makes four failures forgotten', () => {
  const { breaker } = failing(4);
  breaker.succeeded();
  breaker.failed();
  assert.equal(breaker.isOpen, false);
});

test('after five seconds one call goes ahead, and only one', () => {
  const { breaker, clock } = failing(5);
  clock.now = 4_999;
  assert.equal(breaker.tryAcquire(), false);
  clock.now = 5_000;
  assert.equal(breaker.tryAcquire(), true);
  assert.equal(breaker.tryAcquire(), false);
});

test('what becomes of that call decides', () => {
  const { breaker, clock } = failing(5);
  clock.now = 5_000;
  breaker.tryAcquire();
  breaker.failed();
  assert.equal(breaker.isOpen, true);
  clock.now = 10_000;
  breaker.tryAcquire();
  breaker.succeeded();
  assert.equal(breaker.tryAcquire() && breaker.tryAcquire(), true);
});
