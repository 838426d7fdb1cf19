import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpResponse } from '../../http/client.ts';
import type { Session, Written } from '../../http/probes.ts';
import type { Crowd } from '../../load/crowd.ts';
import { fixedRate } from '../../load/fixed-rate.ts';
import { expectNoneFailed, figuresOf, Load } from '../../load/steady.ts';
import { underLoad } from '../../load/under-load.ts';
import { NotPromised } from '../../outcome.ts';
import { newUuid } from '../../random.ts';
import { killUntilItHits, sentAgain, Trail, UNREACHABLE_MS } from '../../system/bites.ts';
import { balancerIn, balancerOf, hasCopies, programServing, startAll } from '../../system/nodes.ts';
import { rowsIn } from '../../system/rows.ts';

const KEYS = 1_000;
/** How often a client who gets no answer sends the same key again, and after how long a pause. */
const TRIES = 10;
const PAUSE_MS = 100;
/** One client in so many loses a good answer, too: on a kill, that is a matter of luck. */
const LOST_EACH = 10;
/** The first one with this key is still under way: to be asked again (draft-ietf-httpapi-idempotency-key-header). */
const IN_USE = 409;
/** Who answers need not be who writes: rows may come a little later. */
const ROWS_WITHIN_MS = 5_000;
const ROWS_SETTLE_MS = 300;
/** So many of what was written are read back. */
const READ_BACK = 20;

export const balancerWritesOnce: Guarantee = {
  id: 'balancer.writes-once',
  lines: ['E2'],
  title: `kill -9 of a copy under writes: each of ${KEYS} keys is written exactly once`,
  from: 'balancer',
  needs: ['probes.write', 'probes.write.key', 'database.counts'],
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 150_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const { program, node } = balancerIn(blueprint);
    const writer = programServing(blueprint, probes.writePath);
    if (writer !== program) throw new NotPromised(`${writer.name}, which takes the write, runs as one copy`);
    const { counts = '' } = probes.facts.database ?? {};
    const trail = new Trail(world, node);
    const session = await probes.writer();
    const victim = { program, copy: 0 };
    const clients = new CarefulClients(world, session, trail);
    let before = 0;
    return await underLoad(world, {
      start: async crowd => {
        const send = (index: number) => crowd.at(index).write(session, { key: newUuid(world.random) });
        const rate = await fixedRate(world, crowd, { send, longestWaitMs: UNREACHABLE_MS, requests: KEYS });
        before = await settledRows(world, counts);
        return [
          new Load(world, {
            what: 'writes',
            ...rate,
            isGood: isAccepted,
            send: index => clients.write(crowd, index),
          }),
        ];
      },
      work: async load => {
        await load.reaches(KEYS / 4);
        const { hit, killedAt } = await killUntilItHits(running, victim, UNREACHABLE_MS, async period =>
          sentAgain(load.spans, await trail.look(), period),
        );
        await load.reaches(KEYS);
        const report = await load.stop();
        expectNoneFailed(report, KEYS, killedAt);
        await clients.expectOneEach(report.sent, before, counts);
        const { failedFirst } = clients;
        const first = failedFirst[0] === undefined ? '' : `, such as: ${failedFirst[0]}`;
        return kept(
          `${report.sent} keys left ${report.sent} rows, 0 lost, 0 doubled; the kill hit ${hit}, ${failedFirst.length} first tries failed${first}`,
          { ...figuresOf(report), hit, firstTriesFailed: failedFirst.length, lost: 0, doubled: 0 },
        );
      },
      restore: () => startAll(running, [victim]),
    });
  },
};

/** Clients that send a write again, with the same key, until they have an answer to it. */
class CarefulClients {
  readonly #world: World;
  readonly #session: Session;
  readonly #trail: Trail;
  readonly #written: Written[] = [];
  readonly failedFirst: string[] = [];

  constructor(world: World, session: Session, trail: Trail) {
    this.#world = world;
    this.#session = session;
    this.#trail = trail;
  }

  /** Writes once, whatever happens. @returns the answer that the client believes */
  async write(crowd: Crowd, index: number): Promise<HttpResponse> {
    const { probes, random } = this.#world;
    const key = newUuid(random);
    const request = await probes.newWrite();
    const headers = this.#trail.headers(index);
    const first = await this.#answer(() => crowd.at(index).write(this.#session, { request, key, headers }));
    if (!isAccepted(first)) return first;
    const again = { request, key };
    const response =
      index % LOST_EACH === 0 ? await this.#answer(() => crowd.at(index).write(this.#session, again)) : first;
    if (isAccepted(response)) this.#remember(first, response);
    return response;
  }

  /** The ids that a write got, where its answers have any. */
  #remember(...responses: readonly HttpResponse[]): void {
    const { probes } = this.#world;
    if (responses.some(hasNoContent)) return;
    const ids = new Map(
      responses.map(response => {
        const written = probes.writtenBy(response, this.#session);
        return [written.id, written];
      }),
    );
    this.#written.push(...ids.values());
  }

  /** After a failure, a 5xx, or a word that the first one is still under way, the same request once more. */
  async #answer(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt++) {
      const answer = await send().catch((error: Error) => error);
      const isAnswer = !(answer instanceof Error) && answer.status < 500 && answer.status !== IN_USE;
      if (isAnswer || attempt === TRIES) {
        if (answer instanceof Error) throw answer;
        return answer;
      }
      if (attempt === 1) {
        this.failedFirst.push(
          answer instanceof Error ? answer.message : `${answer.request} answered ${answer.status}`,
        );
      }
      await sleep(PAUSE_MS);
    }
  }

  /** @throws Broken unless each key has left one row, under an id of its own, and a part of them can be read back */
  async expectOneEach(keys: number, before: number, table: string): Promise<void> {
    const rows = (await settledRows(this.#world, table, before + keys)) - before;
    const ids = new Set(this.#written.map(({ id }) => id)).size;
    expect(
      rows === keys,
      `${keys} keys were accepted, and left ${rows} rows in ${table}: ${Math.max(0, keys - rows)} lost, ${Math.max(0, rows - keys)} doubled`,
    );
    expect(
      ids === this.#written.length && (ids === keys || ids === 0),
      `${keys} keys were accepted under ${ids} ids`,
    );
    const { probes } = this.#world;
    if (probes.facts.probes.write?.readBack === undefined) return;
    const step = Math.max(1, Math.floor(this.#written.length / READ_BACK));
    for (let at = 0; at < this.#written.length; at += step) {
      const written = this.#written[at];
      if (written) await probes.expectThere(written);
    }
  }
}

/** Of a repeated request the answer may be another than of the first. */
function isAccepted({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

function hasNoContent({ text, headers }: HttpResponse): boolean {
  return text === '' && headers.location === undefined;
}

/** How many rows the table has once none is added any more. @param atLeast as many are waited for, for a while */
async function settledRows({ running }: World, table: string, atLeast = 0): Promise<number> {
  const until = performance.now() + ROWS_WITHIN_MS;
  for (let last = -1; ; ) {
    const rows = await rowsIn(running, table);
    if ((rows === last && rows >= atLeast) || performance.now() > until) return rows;
    last = rows;
    await sleep(ROWS_SETTLE_MS);
  }
}
