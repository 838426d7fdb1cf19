import type { Mail } from '../../../engines/engine.ts';
import { eventually, expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { Written } from '../../http/probes.ts';
import { NotPromised, NotVerifiable } from '../../outcome.ts';
import { holdsText } from '../../system/mails.ts';
import { copiesOf, databaseHolding, killAll, programNamed, startAll } from '../../system/nodes.ts';

const WRITES = 20;
/** How long the program takes over each look at a row that it mails about: long enough to die in the middle of a job. */
const LOOK_SECONDS = 0.5;
const NOTED_MS = LOOK_SECONDS * 1_500;
/** What other drills have left in the queue comes before this one's mails. */
const EMPTY_WITHIN_MS = 60_000;
/** Writes settle within a second or so; what has not by then was taken back. */
const SETTLED_WITHIN_MS = 15_000;
const WORKING_WITHIN_MS = 20_000;
/** So many mails have come before the kill: there are some on either side of it. */
const SENT_BEFORE = 2;
/** After half a minute of silence a worker counts as dead, and its jobs go to another. */
const SENT_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;

export const microservicesWorkerKilled: Guarantee = {
  id: 'microservices.worker-killed',
  title: `kill -9 of the program that mails, in the middle of a job: each of ${WRITES} writes gets its mail`,
  from: 'microservices',
  needs: ['probes.write.mails', 'probes.write.readBack', 'probes.write.settles'],
  drill: true,
  limitMs: 210_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const { mails } = probes.facts.probes.write ?? {};
    if (!mails) throw new Error('asked for probes.write.mails, which stage.yaml does not have');
    const copies = copiesOf(programNamed(blueprint, mails.program));
    const queue = await Queue.open(world, mails.reads);
    let ids: readonly string[];
    let atKill: Progress;
    await eventually('an empty queue of mails', EMPTY_WITHIN_MS, () => queue.isEmpty(), LOOK_EVERY_MS);
    await running.forgetMails();
    await queue.slowDown();
    try {
      ids = await settledWrites(world);
      await eventually(
        'work on the mails',
        WORKING_WITHIN_MS,
        async () => (await queue.progress(ids)).sent >= SENT_BEFORE,
      );
      // Noted as sent by then, and on to the next: what dies now has not mailed yet.
      await sleep(NOTED_MS);
      await eventually(
        'a job under way',
        WORKING_WITHIN_MS,
        async () => (await queue.progress(ids)).locked > 0,
      );
      await killAll(running, copies);
      atKill = await queue.progress(ids);
    } finally {
      await queue.hurryUp();
      await startAll(running, copies);
    }
    if (atKill.locked === 0) throw new NotVerifiable(`${mails.program} was killed between two jobs`);
    const { ms } = await eventually(
      `the mail about each of ${ids.length} writes`,
      SENT_WITHIN_MS,
      async () => {
        const { sent, locked, due } = await queue.progress(ids);
        world.onProgress(`${sent} of ${ids.length} mails came, ${locked} under way`);
        if (sent === ids.length && due === 0) return true;
        throw new Error(`${sent} were sent, and ${locked} jobs are locked`);
      },
      LOOK_EVERY_MS,
    );
    const doubled = await expectMailed(world, ids, atKill.locked);
    return kept(
      `${mails.program} was killed with ${atKill.locked} jobs under way and ${atKill.sent} of ${ids.length} mails sent; the last came ${(ms / 1000).toFixed(1)} s after its return, ${doubled} twice`,
      { writes: ids.length, lockedAtKill: atKill.locked, lastMs: ms, doubled },
    );
  },
};

interface Progress {
  /** Writes about which a mail has come. */
  readonly sent: number;
  /** Jobs that a worker has taken, dead or alive. */
  readonly locked: number;
  /** Jobs that are to be done now, those among them: one that failed comes back later. */
  readonly due: number;
}

/** The queue of mails, as PostgreSQL's superuser sees it: graphile-worker's, beside the table that the program reads for each. */
class Queue {
  readonly #world: World;
  readonly #database: string;
  readonly #table: string;

  private constructor(world: World, database: string, table: string) {
    this.#world = world;
    this.#database = database;
    this.#table = table;
  }

  /** @throws NotPromised where jobs are kept in another way */
  static async open(world: World, reads: string): Promise<Queue> {
    const { running } = world;
    const database = await databaseHolding(running, reads);
    const [row] = await running.sql<{ name: string; queue: string | null }>(
      database,
      `select to_regclass($1)::text as name, to_regclass('graphile_worker.jobs')::text as queue`,
      { values: [reads], as: 'admin' },
    );
    if (!row?.queue) throw new NotPromised(`${database} has no queue of graphile-worker to look into`);
    return new Queue(world, database, row.name);
  }

  async #sql<Row>(text: string): Promise<Row[]> {
    return await this.#world.running.sql<Row>(this.#database, text, { as: 'admin' });
  }

  /** A policy that takes its time with each row makes a job of a second out of each. */
  async slowDown(): Promise<void> {
    await this.#sql(
      `create policy verify_slow on ${this.#table} for select using (pg_sleep(${LOOK_SECONDS})::text is not null);
       create policy verify_insert on ${this.#table} for insert with check (true);
       create policy verify_update on ${this.#table} for update using (true);
       create policy verify_delete on ${this.#table} for delete using (true);
       alter table ${this.#table} enable row level security`,
    );
  }

  async hurryUp(): Promise<void> {
    await this.#sql(
      `alter table ${this.#table} disable row level security;
       drop policy if exists verify_slow on ${this.#table};
       drop policy if exists verify_insert on ${this.#table};
       drop policy if exists verify_update on ${this.#table};
       drop policy if exists verify_delete on ${this.#table}`,
    );
  }

  /** @throws Error while jobs are due */
  async isEmpty(): Promise<true> {
    const { due } = await this.#jobs();
    if (due > 0) throw new Error(`${due} jobs are due`);
    return true;
  }

  async #jobs(): Promise<Omit<Progress, 'sent'>> {
    const [row] = await this.#sql<Omit<Progress, 'sent'>>(
      `select count(*) filter (where locked_at is not null)::int as locked,
              count(*) filter (where run_at <= now() and attempts < max_attempts)::int as due
         from graphile_worker.jobs`,
    );
    return row ?? { locked: 0, due: 0 };
  }

  async progress(ids: readonly string[]): Promise<Progress> {
    const jobs = await this.#jobs();
    const mails = await this.#world.running.mails();
    return { ...jobs, sent: ids.filter(id => about(mails, id).length > 0).length };
  }
}

function about(mails: readonly Mail[], id: string): Mail[] {
  return mails.filter(({ raw }) => holdsText(raw, id));
}

/** Writes at the same moment. @returns the ids of what settled: each has to have a mail */
async function settledWrites({ probes }: World): Promise<string[]> {
  const { settles, without } = probes.facts.probes.write ?? {};
  const good = settles?.to ?? [];
  const final = [...good, ...(without?.to ?? [])];
  const session = await probes.writer();
  const writes = await Promise.all(Array.from({ length: WRITES }, () => probes.expectWritten(session)));
  const states = new Map<Written, string>();
  const until = performance.now() + SETTLED_WITHIN_MS;
  const isOpen = (written: Written) => !final.includes(states.get(written) ?? '');
  while (writes.some(isOpen) && performance.now() < until) {
    for (const written of writes.filter(isOpen)) states.set(written, await probes.stateOf(written));
  }
  const settled = writes.filter(written => good.includes(states.get(written) ?? ''));
  expect(
    settled.length >= WRITES / 2,
    `only ${settled.length} of ${WRITES} writes were ${good.join(' or ')}`,
  );
  return settled.map(({ id }) => id);
}

/**
 * Looks into the mailbox: at least one mail a write. SMTP knows no transaction, so that a job that was under way may send again, under
 * the same Message-ID. @returns how many were sent twice. @throws Broken for a missing mail, and for others that came twice
 */
async function expectMailed({ running }: World, ids: readonly string[], mayDouble: number): Promise<number> {
  const mails = await running.mails();
  let doubled = 0;
  for (const id of ids) {
    const own = about(mails, id);
    expect(own.length > 0, `the mail about ${id} has gone again`);
    const messages = new Set(own.map(({ raw }) => /^message-id: *(\S+)/im.exec(raw)?.[1]));
    expect(messages.size === 1, `${own.length} mails came about ${id} that nobody can tell are the same`);
    if (own.length > 1) doubled++;
  }
  expect(
    doubled <= mayDouble,
    `${doubled} mails came more than once, with only ${mayDouble} under way when the program died`,
  );
  return doubled;
}
