import { SLOW_REQUEST_MS } from '../../../../templates/samples/shop/stall/src/kit/timeouts.ts';
import { pieceOf } from '../../../pieces/index.ts';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpClient } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { newHex, newUuid } from '../../random.ts';
import { programServing, programs } from '../../system/nodes.ts';

/** Slow enough for a program that logs slow requests. */
const SLOW_MS = SLOW_REQUEST_MS + 50;

export const stallLog: Guarantee = {
  id: 'stall.log',
  lines: ['A6'],
  title: 'the log is one JSON object a line, and no password, cookie or credential gets into it',
  from: 'stall',
  needs: [['probes.logins', 'probes.write']],
  async check(world) {
    const { running, blueprint, probes, random } = world;
    const canary = `canary${newHex(random, 12)}`;
    const { path } = await probes.postable();
    const copy = directTo(world, programServing(blueprint, path));
    try {
      await Promise.all([slowPost(world, copy ?? world.door, canary), ...(await quickOnes(world, canary))]);
    } finally {
      copy?.close();
    }
    const lines = await expectJson(world);
    expect(lines > 0, 'no program has logged anything: there is nothing to look at');
    const nodes = blueprint.nodes.filter(node => pieceOf(node).keepsRunning);
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

/** A login that takes longer than a second, or a write where there is none: the kind of request that is logged most often. */
async function slowPost({ probes, random }: World, client: HttpClient, canary: string): Promise<void> {
  const { path } = await probes.postable();
  const hasLogin = Object.keys(probes.facts.probes.logins).length > 0;
  const body = hasLogin ? await probes.loginBody(undefined, () => canary) : { text: canary };
  const answer = await client.slowly('POST', `${path}${path.includes('?') ? '&' : '?'}token=${canary}`, {
    body,
    headers: { ...credentials(canary), 'x-request-id': newUuid(random) },
    midway: () => sleep(SLOW_MS),
  });
  expect(
    answer.status >= 400 && answer.status < 500,
    `POST ${path} answered ${answer.status} to what is no login, not 4xx`,
  );
}

async function quickOnes({ probes, door }: World, canary: string): Promise<Promise<unknown>[]> {
  const { path } = await probes.postable();
  const headers = credentials(canary);
  return [
    door.get('/no-such-route', { headers }),
    ...(probes.facts.probes.read ? [probes.read({ headers })] : []),
    door.post(path, `{"broken":"${canary}`, { headers: { ...headers, 'content-type': 'application/json' } }),
  ];
}

function credentials(canary: string): Record<string, string> {
  return { authorization: `Bearer ${canary}`, cookie: `session=${canary}` };
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
    return entry.time !== undefined && entry.level !== undefined && typeof entry.msg === 'string';
  } catch {
    return false;
  }
}
