import { randomUUID } from 'node:crypto';
import { eventually, expect, kept } from '../../expect.ts';
import { type Guarantee, NotVerifiable, type World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { copiesOf, databaseHolding, killAll, programs, startAll } from '../../system/nodes.ts';

const PROGRAM = 'receipts';
const ORDERS = 20;
/** How long the program takes over each look at a receipt: long enough to die in the middle of a job. */
const LOOK_SECONDS = 0.5;
/** What other drills have left in the queue comes before this one's receipts. */
const EMPTY_WITHIN_MS = 60_000;
/** Orders are paid within a second or so; what has not been by then was taken back. */
const PAID_WITHIN_MS = 15_000;
const WORKING_WITHIN_MS = 20_000;
/** So many receipts are noted as sent before the kill: there are some on either side of it. */
const SENT_BEFORE = 2;
/** After half a minute of silence a worker counts as dead, and its jobs go to another. */
const SENT_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 250;

export const microservicesWorkerKilled: Guarantee = {
  id: 'microservices.worker-killed',
  title: `kill -9 of the program that mails receipts, in the middle of a job: each of ${ORDERS} orders gets its receipt`,
  from: 'microservices',
  drill: true,
  applies: blueprint => programs(blueprint).some(({ name }) => name === PROGRAM),
  limitMs: 210_000,
  async check(world) {
    const { running, blueprint } = world;
    const copies = programs(blueprint)
      .filter(({ name }) => name === PROGRAM)
      .flatMap(copiesOf);
    const queue = new Queue(world, await databaseHolding(running, 'graphile_worker.jobs'));
    let orders: readonly string[];
    let atKill: Progress;
    const isEmpty = async () => {
      const due = await queue.due();
      if (due > 0) throw new Error(`${due} jobs are due`);
      return true;
    };
    await eventually('an empty queue of receipts', EMPTY_WITHIN_MS, isEmpty, LOOK_EVERY_MS);
    await running.forgetMails();
    await queue.slowDown();
    try {
      orders = await paidOrders(world);
      await eventually('work on the receipts', WORKING_WITHIN_MS, async () => {
        const { sent, locked } = await queue.progress(orders);
        return sent >= SENT_BEFORE && locked > 0;
      });
      await killAll(running, copies);
      atKill = await queue.progress(orders);
    } finally {
      await queue.hurryUp();
      await startAll(running, copies);
    }
    if (atKill.locked === 0) throw new NotVerifiable(`${PROGRAM} was killed between two jobs`);
    const { ms } = await eventually(
      `the receipt of each of ${orders.length} orders`,
      SENT_WITHIN_MS,
      async () => {
        const { sent, locked } = await queue.progress(orders);
        world.onProgress(`${sent} of ${orders.length} receipts sent, ${locked} under way`);
        if (sent === orders.length) return true;
        throw new Error(`${sent} were sent, and ${locked} jobs are locked`);
      },
      LOOK_EVERY_MS,
    );
    const doubled = await expectMailed(world, orders, atKill.locked);
    return kept(
      `${PROGRAM} was killed with ${atKill.locked} jobs under way and ${atKill.sent} of ${orders.length} receipts sent; the last came ${(ms / 1000).toFixed(1)} s after its return, ${doubled} twice`,
      { orders: orders.length, lockedAtKill: atKill.locked, lastMs: ms, doubled },
    );
  },
};

interface Progress {
  /** Receipts that are noted as sent. */
  readonly sent: number;
  /** Jobs that a worker has taken, dead or alive. */
  readonly locked: number;
}

/** The queue of receipts, as PostgreSQL's superuser sees it. */
class Queue {
  readonly #world: World;
  readonly #database: string;

  constructor(world: World, database: string) {
    this.#world = world;
    this.#database = database;
  }

  async #sql<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    return await this.#world.running.sql<Row>(this.#database, text, {
      as: 'admin',
      ...(values && { values }),
    });
  }

  /** A policy that takes its time with each row makes a job of a second out of each. */
  async slowDown(): Promise<void> {
    await this.#sql(
      `create policy verify_slow on receipts.receipts for select using (pg_sleep(${LOOK_SECONDS})::text is not null);
       create policy verify_insert on receipts.receipts for insert with check (true);
       create policy verify_update on receipts.receipts for update using (true);
       alter table receipts.receipts enable row level security`,
    );
  }

  async hurryUp(): Promise<void> {
    await this.#sql(
      `alter table receipts.receipts disable row level security;
       drop policy if exists verify_slow on receipts.receipts;
       drop policy if exists verify_insert on receipts.receipts;
       drop policy if exists verify_update on receipts.receipts`,
    );
  }

  /** Jobs that are due: one that failed comes back later. */
  async due(): Promise<number> {
    const [row] = await this.#sql<{ n: number }>(
      'select count(*)::int as n from graphile_worker.jobs where run_at <= now() and attempts < max_attempts',
    );
    return row?.n ?? 0;
  }

  async progress(orders: readonly string[]): Promise<Progress> {
    const [row] = await this.#sql<Progress>(
      `select (select count(*)::int from receipts.receipts
                where order_id = any($1::text::uuid[]) and sent_at is not null) as sent,
              (select count(*)::int from graphile_worker.jobs where locked_at is not null) as locked`,
      [`{${orders.join(',')}}`],
    );
    return row ?? { sent: 0, locked: 0 };
  }
}

/** Places the orders at the same moment. @returns those that were paid: each has to have a receipt */
async function paidOrders({ running, shop }: World): Promise<string[]> {
  const cookie = await shop.login();
  const ids = await Promise.all(
    Array.from({ length: ORDERS }, async () => {
      const answer = await shop.order(cookie, { key: randomUUID() });
      expect(answer.status === 202, `${describe(answer)}, not 202`);
      return answer.json<{ id: string }>().id;
    }),
  );
  const database = await databaseHolding(running, 'orders.orders');
  const { value } = await eventually('an end of each order', PAID_WITHIN_MS, async () => {
    const rows = await running.sql<{ id: string; state: string }>(
      database,
      'select id, state from orders.orders where id = any($1::text::uuid[])',
      { values: [`{${ids.join(',')}}`], as: 'admin' },
    );
    const open = rows.filter(({ state }) => !['completed', 'cancelled', 'rejected'].includes(state));
    if (open.length > 0) throw new Error(`${open.length} are still ${open[0]?.state}`);
    return rows.filter(({ state }) => state === 'completed').map(({ id }) => id);
  });
  expect(value.length >= ORDERS / 2, `only ${value.length} of ${ORDERS} orders were completed`);
  return value;
}

/**
 * Looks into the mailbox: at least one mail an order. SMTP knows no transaction, so that a job that was under way may send again, under
 * the same Message-ID. @returns how many were sent twice. @throws Broken for a missing mail, and for others that came twice
 */
async function expectMailed(
  { running }: World,
  orders: readonly string[],
  mayDouble: number,
): Promise<number> {
  const mails = (await running.mails()).map(({ raw }) => raw.replaceAll('=\r\n', ''));
  let doubled = 0;
  for (const order of orders) {
    const own = mails.filter(raw => raw.includes(order));
    expect(own.length > 0, `the receipt of order ${order} is noted as sent, and never came`);
    const ids = new Set(own.map(raw => /^message-id: *(\S+)/im.exec(raw)?.[1]));
    expect(ids.size === 1, `order ${order} got ${own.length} mails that nobody can tell are the same`);
    if (own.length > 1) doubled++;
  }
  expect(
    doubled <= mayDouble,
    `${doubled} receipts were mailed more than once, with only ${mayDouble} under way when the program died`,
  );
  return doubled;
}
