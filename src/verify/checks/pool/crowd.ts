import {
  CONNECT_MS,
  LOCK_MS,
} from '../../../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import { type Blueprint, nodesOfKind } from '../../../blueprint/blueprint.ts';
import type { Running } from '../../../engines/engine.ts';
import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { expect, expectWithin, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpResponse } from '../../http/client.ts';
import { SAFE_CONNECTIONS } from '../../http/pace.ts';
import { Crowd } from '../../load/crowd.ts';
import { whileReadsWait } from '../../load/held-reads.ts';
import { Refusals } from '../../load/refusals.ts';
import { withBound } from '../../load/rule-of-three.ts';
import { Load, type LoadReport, outcomesOf } from '../../load/steady.ts';
import { poolBound, postgresOf } from '../../system/nodes.ts';

const CROWDS = [64, 512];
const REQUESTS_EACH = 2_500;
/** On top of every wait that has an end, and of what the machine itself takes to answer so many at once: that is measured. */
const SLACK_MS = 2_000;
const SAMPLE_EVERY_MS = 20;
/** What PostgreSQL logs with 53300. */
const TOO_MANY = /too many (clients|connections)|remaining connection slots/;

export const poolCrowd: Guarantee = {
  id: 'pool.crowd',
  lines: ['D1', 'D2', 'D3', 'E12'],
  title: `${CROWDS.join(' and ')} clients at once: connections stay within the bound, and who is too many gets 503 in time`,
  from: 'pool',
  drill: true,
  needs: ['probes.read', 'database.lock'],
  limitMs: 240_000,
  async check(world) {
    const { running } = world;
    const refusedBefore = await refusedConnections(running);
    const crowd = await Crowd.gather(world);
    const connections = new ConnectionWatch(world);
    const refusals = new Refusals();
    const most = crowd.addresses > 1 || !isGuarded(world) ? Number.POSITIVE_INFINITY : SAFE_CONNECTIONS;
    const crowds = CROWDS.map(clients => Math.min(clients, most));
    try {
      const send = async (index: number) => refusals.see(await crowd.at(index).read());
      const reports: Pressed[] = [];
      for (const clients of crowds) reports.push(await press(world, clients, send));
      const seen = await connections.stop();
      const words = reports.map(
        (report, index) =>
          `${crowds[index]} clients: ${outcomesOf(report)}, the slowest ${report.worstMs} ms`,
      );
      refusals.expectFair();
      const failed = reports.flatMap(each => each.failures)[0];
      expect(!failed, `${failed?.what}; ${words.join('; ')}`);
      expect(seen.over === undefined, `${seen.over}; ${words.join('; ')}`);
      const refused = (await refusedConnections(running)) - refusedBefore;
      expect(refused === 0, `PostgreSQL refused ${refused} connections as too many (53300)`);
      expect(refusals.count > 0, `nobody was refused: ${words.join('; ')}`);
      for (const { worstMs, allowedMs } of reports) {
        const late = `an answer took ${worstMs} ms, more than ${allowedMs}; ${words.join('; ')}`;
        expectWithin(worstMs, allowedMs, late);
      }
      const requests = reports.reduce((total, { sent }) => total + sent, 0);
      return kept(`${words.join('; ')}: ${withBound(requests)} failed; ${seen.words}, 0 × 53300`, {
        requests,
        refused: refusals.count,
        worstMs: Math.max(...reports.map(each => each.worstMs)),
        mostConnections: seen.most,
        bound: seen.bound,
      });
    } finally {
      await connections.stop();
      crowd.close();
    }
  },
};

interface Pressed extends LoadReport {
  readonly allowedMs: number;
}

/** So many clients: unhindered first, then while each query waits for a lock, then unhindered again. */
async function press(
  world: World,
  clients: number,
  send: (index: number) => Promise<HttpResponse>,
): Promise<Pressed> {
  const isGood = (answer: HttpResponse) => world.probes.isRead(answer) || answer.status === 503;
  const load = new Load(world, { what: `GETs of ${clients} clients`, clients, send, isGood });
  let allowedMs = 0;
  try {
    await load.reaches(REQUESTS_EACH / 2);
    const waits = waitsMs(world) + SLACK_MS + Math.round(load.worstMs);
    allowedMs = waits + askedAgainMs(world);
    // Longer than any copy may let a client wait: who is too many is refused while it lasts.
    const lockedMs = waits + 1_000;
    await whileReadsWait(world, lockedMs, () => sleep(lockedMs));
    await load.reaches(load.ended + REQUESTS_EACH / 2);
  } finally {
    await load.stop();
  }
  return { ...(await load.stop()), allowedMs };
}

function isGuarded({ blueprint }: World): boolean {
  return nodesOfKind(blueprint, 'nginx').length > 0;
}

/** In the balancer's queue, for a connection, and for a lock. */
function waitsMs({ blueprint }: World): number {
  return (hasBalancer(blueprint) ? TIMEOUTS.haproxyQueue * 1000 : 0) + CONNECT_MS + LOCK_MS;
}

/** A copy that the crowd keeps so busy that it says nothing for long is given up by the balancer, which asks another one: once. */
function askedAgainMs({ blueprint }: World): number {
  return hasBalancer(blueprint) ? TIMEOUTS.haproxyRead * 1000 : 0;
}

function hasBalancer(blueprint: Blueprint): boolean {
  return nodesOfKind(blueprint, 'haproxy').length > 0;
}

async function refusedConnections(running: Running): Promise<number> {
  const lines = await running.logs(postgresOf(running.blueprint).name);
  return lines.filter(line => TOO_MANY.test(line)).length;
}

/** Counts the connections of every application role, again and again. */
class ConnectionWatch {
  readonly #world: World;
  readonly #bounds: ReadonlyMap<string, number>;
  readonly #most = new Map<string, number>();
  readonly #done: Promise<void>;
  #isStopping = false;

  constructor(world: World) {
    this.#world = world;
    const { blueprint } = world;
    this.#bounds = new Map(
      blueprint.databases.map(({ name }) => {
        const { role, bound } = poolBound(blueprint, name);
        return [role, bound];
      }),
    );
    this.#done = this.#watch();
  }

  async #watch(): Promise<void> {
    const { running, blueprint } = this.#world;
    const [database] = blueprint.databases;
    while (!this.#isStopping && database) {
      const rows = await running.sql<{ role: string; n: number }>(
        database.name,
        'select usename as role, count(*)::int as n from pg_stat_activity where usename is not null group by 1',
        { as: 'admin' },
      );
      for (const { role, n } of rows) this.#most.set(role, Math.max(n, this.#most.get(role) ?? 0));
      await sleep(SAMPLE_EVERY_MS);
    }
  }

  /** @returns the fullest role's figures, and which role had more than its bound, if one had */
  async stop(): Promise<{ most: number; bound: number; words: string; over: string | undefined }> {
    this.#isStopping = true;
    await this.#done;
    const seen = [...this.#bounds].map(([role, bound]) => ({ role, bound, most: this.#most.get(role) ?? 0 }));
    const fullest = seen.reduce((one, other) => (other.most > one.most ? other : one));
    const words = seen.map(({ role, bound, most }) => `${role} had ${most} connections of ${bound}`);
    const over = words[seen.findIndex(({ bound, most }) => most > bound)];
    return { ...fullest, words: words.join(', '), over };
  }
}
