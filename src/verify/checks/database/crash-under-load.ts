import { CONNECT_MS } from '../../../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { Session, Written } from '../../http/probes.ts';
import { expectAllThere } from '../../http/writings.ts';
import { Crowd } from '../../load/crowd.ts';
import { type FixedRate, modestRate } from '../../load/fixed-rate.ts';
import { Refusals } from '../../load/refusals.ts';
import { withBound } from '../../load/rule-of-three.ts';
import {
  expectNoneFailed,
  figuresOf,
  Load,
  type LoadPlan,
  type LoadReport,
  outcomesOf,
  REQUESTS,
} from '../../load/steady.ts';
import { newUuid } from '../../random.ts';
import { untilItHits } from '../../system/bites.ts';
import { copiesOf, postgresOf } from '../../system/nodes.ts';
import { rowsIn } from '../../system/rows.ts';

const CLIENTS = 16;
/** How long a request may wait for a database that does not even refuse. */
const WAITS_S = (CONNECT_MS + 500) / 1000;
const BEFORE = 500;
/** One request in so many is a write. */
const WRITE_EVERY = 10;
/** How long the fault's load has been there when the database goes. */
const LEAD_MS = 500;
/** How long after the database's return an error may still come. */
const GRACE_MS = 2_000;
/** So many of what was written are read back; a list may be one of pages, which hold the newest. */
const READ_BACK = 100;
const READ_BACK_OF_A_LIST = 5;

/** Where each request opens a connection of its own, two busy cores answer some fifty a second. */
const ANSWERED_WITHIN_MS = 200_000;

/** When the database was gone, on `performance.now()`'s clock. */
interface Outage {
  readonly from: number;
  readonly to: number;
}

export const databaseCrash: Guarantee = {
  id: 'database.crash-under-load',
  lines: ['C1', 'C6'],
  title: `PostgreSQL crashes under load: only 503, no later than ${GRACE_MS / 1000} s after its return; then 0 of ${REQUESTS} fail, and what was accepted is there`,
  from: 'database',
  drill: true,
  needs: ['probes.read', 'probes.write', 'probes.write.readBack'],
  limitMs: 300_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const copies = copiesOf(blueprint);
    const pids = () => Promise.all(copies.map(({ program, copy }) => running.pid(program.name, copy)));
    const pidsBefore = await pids();
    const crowd = await Crowd.gather(world);
    try {
      const asking = new Asking(world, crowd, await probes.writer());
      const rowsBefore = await rowsOfWrites(world);
      const unhindered = await asking.load({ clients: CLIENTS }, load => load.reaches(BEFORE));
      expectNoneFailed(unhindered, BEFORE);
      const rate = modestRate(unhindered, WAITS_S);
      const { hindered, outage } = await crashed(world, asking, rate);
      const lastErrorMs = expectOnlyOutage(hindered, outage);
      const afterwards = await asking.load({ clients: CLIENTS }, load =>
        load.reaches(REQUESTS, ANSWERED_WITHIN_MS),
      );
      expectNoneFailed(afterwards, REQUESTS, outage.to);
      asking.refusals.expectFair();
      const pidsAfter = await pids();
      const died = copies.find((_, index) => pidsBefore[index] !== pidsAfter[index]);
      expect(!died, `${died?.program.name} was restarted, or died, when its database did`);
      const found = await expectAccepted(world, asking.accepted, rowsBefore);
      return kept(
        `${rate.perSecond} requests a second met the crash: ${outcomesOf(hindered)}, the last error ${lastErrorMs} ms after the database's return; ` +
          `then ${withBound(afterwards.sent)} failed; ${found}`,
        {
          ...figuresOf(afterwards),
          hindered: hindered.sent,
          hinderedWorstMs: hindered.worstMs,
          downMs: Math.round(outage.to - outage.from),
          lastErrorMs,
          writes: asking.accepted.length,
        },
      );
    } finally {
      crowd.close();
    }
  },
};

/** Reads and writes, whose answers are all accounted for. */
class Asking {
  readonly refusals = new Refusals();
  readonly accepted: Written[] = [];
  readonly #world: World;
  readonly #crowd: Crowd;
  readonly #session: Session;

  constructor(world: World, crowd: Crowd, session: Session) {
    this.#world = world;
    this.#crowd = crowd;
    this.#session = session;
  }

  /** Goes on until `work` is done. */
  async load(
    plan: Pick<LoadPlan, 'clients' | 'perSecond'>,
    work: (load: Load) => Promise<void>,
  ): Promise<LoadReport> {
    const { isRead, isWritten } = this.#world.probes;
    const load = new Load(this.#world, {
      ...plan,
      what: 'reads and writes',
      isGood: answer => isRead(answer) || isWritten(answer),
      send: async index => this.refusals.see(await this.#send(index)),
    });
    try {
      await work(load);
    } finally {
      await load.stop();
    }
    return await load.stop();
  }

  async #send(index: number) {
    const asked = this.#crowd.at(index);
    if (index % WRITE_EVERY > 0) return await asked.read();
    const answer = await asked.write(this.#session, { key: newUuid(this.#world.random) });
    if (asked.isWritten(answer)) this.accepted.push(asked.writtenBy(answer, this.#session));
    return answer;
  }
}

/** Crashes the database under a load, until a request has felt it. */
async function crashed(
  { running, blueprint }: World,
  asking: Asking,
  rate: FixedRate,
): Promise<{ readonly hindered: LoadReport; readonly outage: Outage }> {
  let outage: Outage = { from: 0, to: 0 };
  let hindered: LoadReport | undefined;
  await untilItHits(async () => {
    let waited = 0;
    hindered = await asking.load(rate, async load => {
      await sleep(LEAD_MS);
      const from = performance.now();
      await running.restart(postgresOf(blueprint).name);
      const to = performance.now();
      outage = { from, to };
      await sleep(GRACE_MS);
      waited = load.spans.filter(({ sentAt, endedAt }) => sentAt <= from && endedAt >= to).length;
    });
    return hindered.failures.length + waited;
  });
  if (!hindered) throw new Error('no database was crashed');
  return { hindered, outage };
}

/** @returns how long after the return the last error came. @throws Broken naming a failure out of time, or not a 503 */
function expectOnlyOutage(report: LoadReport, outage: Outage): number {
  const told = (failure: LoadReport['failures'][number]) =>
    `${((failure.endedAt - outage.to) / 1000).toFixed(1)} s after the database's return: ${failure.what}; in all ${outcomesOf(report)}`;
  const late = report.failures.find(({ endedAt }) => endedAt < outage.from || endedAt > outage.to + GRACE_MS);
  expect(!late, late ? `an error came ${told(late)}` : '');
  const wrong = report.failures.find(({ status }) => status !== 503);
  expect(!wrong, wrong ? `an error other than 503 came ${told(wrong)}` : '');
  return Math.max(0, Math.round((report.failures.at(-1)?.endedAt ?? 0) - outage.to));
}

/** @returns what was looked at, in words. @throws Broken if something that was accepted is lost */
async function expectAccepted(
  world: World,
  accepted: readonly Written[],
  rowsBefore: number | undefined,
): Promise<string> {
  const chosen = chosenOf(accepted);
  await expectAllThere(world.probes, chosen);
  const readBack = `${accepted.length} writes were accepted, and ${chosen.length} of them, evenly chosen, are read back`;
  if (rowsBefore === undefined) return readBack;
  const rows = ((await rowsOfWrites(world)) ?? 0) - rowsBefore;
  const { counts } = world.probes.facts.database ?? {};
  expect(
    rows >= accepted.length,
    `${accepted.length} writes were accepted, but ${counts} has only ${rows} rows more`,
  );
  return `${readBack}; ${counts} has ${rows} rows more`;
}

/** Evenly chosen; of a list that all of them are in, the newest. */
function chosenOf(accepted: readonly Written[]): readonly Written[] {
  const isList = new Set(accepted.map(({ readBack }) => readBack?.path)).size === 1;
  if (isList) return accepted.slice(-READ_BACK_OF_A_LIST);
  const step = Math.max(1, accepted.length / READ_BACK);
  return Array.from(
    { length: Math.min(READ_BACK, accepted.length) },
    (_, index) => accepted[Math.floor(index * step)],
  ).flatMap(written => written ?? []);
}

async function rowsOfWrites({ running, probes }: World): Promise<number | undefined> {
  const { counts } = probes.facts.database ?? {};
  return counts === undefined ? undefined : await rowsIn(running, counts);
}
