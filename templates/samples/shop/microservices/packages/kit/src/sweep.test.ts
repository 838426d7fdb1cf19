import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import { addSweep } from '#kit/sweep';

async function started(round: () => Promise<boolean>, everyMs: number) {
  const http = Fastify();
  const sweep = addSweep(http, 'a test', round, everyMs);
  await http.ready();
  return { http, sweep };
}

test('it goes on while there is more to do', async () => {
  let rounds = 0;
  const { http } = await started(async () => ++rounds < 3, 60_000);
  await sleep(20);
  assert.equal(rounds, 3);
  await http.close();
});

test('a nudge begins a round at once, also one that comes during a round', async () => {
  let rounds = 0;
  const { http, sweep } = await started(async () => {
    rounds += 1;
    await sleep(10);
    return false;
  }, 60_000);
  sweep.nudge();
  await sleep(50);
  assert.equal(rounds, 2);
  await http.close();
});

test('a failure does not end it, and nudges do not make it spin', async () => {
  let rounds = 0;
  const { http, sweep } = await started(async () => {
    rounds += 1;
    throw new Error('down');
  }, 30);
  const nudging = setInterval(() => sweep.nudge(), 1);
  await sleep(100);
  clearInterval(nudging);
  assert.ok(rounds >= 2 && rounds <= 5, `${rounds} rounds`);
  await http.close();
});

test('closing waits for the round under way and begins no other', async () => {
  let done = 0;
  const { http } = await started(async () => {
    await sleep(30);
    done += 1;
    return true;
  }, 60_000);
  await http.close();
  await sleep(50);
  assert.equal(done, 1);
});
