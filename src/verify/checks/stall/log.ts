import { randomBytes, randomUUID } from 'node:crypto';
import type { Running } from '../../../engines/engine.ts';
import { eventually, expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpClient } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { programServing, programs } from '../../system/nodes.ts';

/** The program logs requests that take longer than a second. */
const SLOW_MS = 1_050;
const LOGGED_WITHIN_MS = 3_000;

export const stallLog: Guarantee = {
  id: 'stall.log',
  lines: ['A6'],
  title: 'the log is one JSON object a line, and no password, cookie or credential gets into it',
  from: 'stall',
  async check(world) {
    const { running, blueprint, shop } = world;
    const canary = `canary${randomBytes(12).toString('hex')}`;
    const program = programServing(blueprint, '/sessions');
    const copy = directTo(world, program);
    const requestId = randomUUID();
    try {
      await Promise.all([slowLogin(copy ?? shop, canary, requestId), quickOnes(shop, canary)]);
    } finally {
      copy?.close();
    }
    // A proxy may take in a whole body before it passes it on: behind it no body is slow.
    if (copy) await expectSlowLine(running, program.name, requestId);
    const lines = await expectJson(world);
    const nodes = blueprint.nodes.filter(({ kind }) => kind !== 'job');
    for (const { name } of nodes) {
      const leaking = (await running.logs(name)).find(line => line.includes(canary));
      expect(
        leaking === undefined,
        `${name} logs what a client sent in confidence: ${leaking?.slice(0, 300)}`,
      );
    }
    return kept(`${lines} lines of JSON; nothing confidential in the log of any of ${nodes.length} node(s)`, {
      lines,
    });
  },
};

/** A login that takes longer than a second: the one kind of request that is always logged. */
async function slowLogin(client: HttpClient, canary: string, requestId: string): Promise<void> {
  const answer = await client.slowly('POST', `/sessions?token=${canary}`, {
    body: { email: `${canary}@shop.example`, password: canary },
    headers: { 'x-request-id': requestId, authorization: `Bearer ${canary}`, cookie: `session=${canary}` },
    midway: () => sleep(SLOW_MS),
  });
  expect(answer.status === 401, `POST /sessions answered ${answer.status} to a wrong password, not 401`);
}

async function quickOnes(shop: HttpClient, canary: string): Promise<void> {
  const headers = { authorization: `Bearer ${canary}`, cookie: `session=${canary}` };
  await shop.get('/orders', { headers });
  await shop.post('/orders', `{"broken":"${canary}`, {
    headers: { ...headers, 'content-type': 'application/json' },
  });
}

async function expectSlowLine(running: Running, node: string, requestId: string): Promise<void> {
  const { value } = await eventually(
    `a line about a slow request in ${node}'s log`,
    LOGGED_WITHIN_MS,
    async () => (await running.logs(node)).find(line => line.includes(requestId)),
  );
  const { route, status, ms } = JSON.parse(value) as { route?: unknown; status?: unknown; ms?: unknown };
  expect(
    typeof route === 'string' && route.endsWith('/sessions') && status === 401 && Number(ms) >= SLOW_MS / 2,
    `${node} logs a slow request without its route, status or ms: ${value}`,
  );
}

/** @returns how many lines there were. @throws Broken for one that is not JSON with time, level and msg */
async function expectJson({ running, blueprint }: World): Promise<number> {
  let count = 0;
  for (const { name } of programs(blueprint)) {
    for (const line of await running.logs(name)) {
      expect(isEntry(line), `${name} logs a line that is not JSON with time, level and msg: ${line}`);
      count++;
    }
  }
  return count;
}

function isEntry(line: string): boolean {
  try {
    const entry = JSON.parse(line) as { time?: unknown; level?: unknown; msg?: unknown };
    return [entry.time, entry.level, entry.msg].every(each => typeof each === 'string');
  } catch {
    return false;
  }
}
