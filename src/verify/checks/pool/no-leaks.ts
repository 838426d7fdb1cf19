import { LOCK_MS } from '../../../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpResponse } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import type { Probes, Session } from '../../http/probes.ts';
import { withAnotherBody } from '../../http/writings.ts';
import { burst, load, type Sample, tally } from '../../load/burst.ts';
import { newUuid } from '../../random.ts';
import { lockedWhile } from '../../system/locks.ts';
import { databaseHolding, poolBound, programServing } from '../../system/nodes.ts';

const CLIENTS = 20;
const REQUESTS = 500;
/** Through a front door that limits an address. */
const FEWER_REQUESTS = 200;
/** Longer than a transaction waits for a lock: it fails halfway through. */
const LOCKED_MS = LOCK_MS + 1_000;
/** A transaction that does nothing for so long is one that was forgotten. */
const FORGOTTEN_MS = 500;
const NO_SESSION = 'none';

interface Connections {
  readonly pids: readonly number[];
  readonly forgotten: number;
}

type Send = () => Promise<HttpResponse>;

export const poolNoLeaks: Guarantee = {
  id: 'pool.no-leaks',
  lines: ['D2', 'D5'],
  title: 'failing requests leave no transaction open, and connections are used again',
  from: 'pool',
  needs: ['probes.write', 'database.counts'],
  limitMs: 60_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const { counts = '' } = probes.facts.database ?? {};
    const database = await databaseHolding(running, counts);
    const { role, bound } = poolBound(blueprint, database);
    const direct = directTo(world, programServing(blueprint, probes.writePath));
    const asked = direct ? probes.through(direct) : probes;
    const requests = direct ? REQUESTS : FEWER_REQUESTS;
    const session = await probes.writer();
    try {
      const writes = await writesOf(world, asked, session);
      const send = (index: number) => (writes[index % writes.length] as Send)();
      await load({ clients: CLIENTS, goOn: sent => sent < CLIENTS * 2, send });
      const before = await connectionsOf(world, database, role);
      const mixed = await load({ clients: CLIENTS, goOn: sent => sent < requests, send });
      const after = await expectNoneForgotten(world, database, role, mixed);
      const halfway = await lockedWhile(running, database, counts, LOCKED_MS, () =>
        burst(CLIENTS, () => asked.write(session, { key: newUuid(world.random) })),
      );
      const last = await expectNoneForgotten(world, database, role, halfway);
      const failed = [...mixed, ...halfway].filter(sample => !probes.isWritten(sample)).length;
      expect(failed > 0, `not one of ${mixed.length + halfway.length} requests failed`);
      const most = Math.max(after.pids.length, last.pids.length);
      expect(most <= bound, `${role} has ${most} connections, more than the bound of ${bound}`);
      const lasting = after.pids.filter(pid => before.pids.includes(pid)).length;
      expect(
        lasting > 0,
        `none of ${before.pids.length} connections lasted: ${role} opens one for each request`,
      );
      return kept(
        `${tally(mixed)}, and ${tally(halfway)} while ${counts} was locked; then ${last.pids.length} connections of ${bound}, none in a transaction, ${lasting} the same all along`,
        { requests: mixed.length + halfway.length, failed, connections: last.pids.length, lasting, bound },
      );
    } finally {
      direct?.close();
    }
  },
};

/** A write that is right, and all the ways known here in which one is wrong. */
async function writesOf({ probes, random }: World, asked: Probes, session: Session): Promise<Send[]> {
  const { body, as, key: header } = probes.facts.probes.write ?? {};
  const writes: Send[] = [() => asked.write(session, { key: newUuid(random) })];
  if (body !== undefined) {
    const { path } = await probes.newWrite();
    writes.push(() => asked.write(session, { request: { path, body: {} } }));
  }
  if (as !== undefined) {
    const nobody = withoutSession(session);
    writes.push(() => asked.write(nobody, { key: newUuid(random) }));
  }
  if (header === undefined) return writes;
  const key = newUuid(random);
  const request = await probes.newWrite();
  await probes.expectWritten(session, { request, key });
  const other = await withAnotherBody(probes, request);
  if (other) writes.push(() => asked.write(session, { request: other, key }));
  return writes;
}

/** The same headers with a session that there is not. */
function withoutSession({ headers }: Session): Session {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace(/(?<=^Bearer |^[^=]+=).*/, NO_SESSION),
  ]);
  return { headers: Object.fromEntries(entries) };
}

/** @throws Broken if a transaction is left open, or a request was not answered at all */
async function expectNoneForgotten(
  world: World,
  database: string,
  role: string,
  samples: readonly Sample[],
): Promise<Connections> {
  expect(
    samples.every(({ response }) => response),
    `not every one of ${samples.length} requests was answered: ${tally(samples)}`,
  );
  await sleep(FORGOTTEN_MS);
  const connections = await connectionsOf(world, database, role);
  expect(
    connections.forgotten === 0,
    `${connections.forgotten} connections of ${role} are idle in a transaction after ${tally(samples)}`,
  );
  return connections;
}

async function connectionsOf({ running }: World, database: string, role: string): Promise<Connections> {
  const rows = await running.sql<{ pid: number; forgotten: boolean }>(
    database,
    `select pid, state like 'idle in transaction%' and state_change < now() - $2::text::interval as forgotten
     from pg_stat_activity where usename = $1`,
    { values: [role, `${FORGOTTEN_MS} milliseconds`], as: 'admin' },
  );
  return { pids: rows.map(({ pid }) => pid), forgotten: rows.filter(({ forgotten }) => forgotten).length };
}
