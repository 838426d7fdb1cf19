import {
  IDLE_IN_TRANSACTION_MS,
  LOCK_MS,
  STATEMENT_MS,
} from '../../../../templates/database/src/kit/database-timeouts.ts';
import type { Running } from '../../../engines/engine.ts';
import { eventually, expect, expectProblem, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { lockedWhile } from '../../system/locks.ts';
import { copiesOf, databaseHolding, programServing } from '../../system/nodes.ts';

const SLACK_MS = 2_000;
/** Less than a transaction waits for a lock: it goes on, but whoever began it does not. */
const LOCKED_MS = LOCK_MS - 600;

export const databaseEndless: Guarantee = {
  id: 'database.endless-work',
  lines: ['D4'],
  title: `the server ends a statement after ${STATEMENT_MS / 1000} s, and a forgotten transaction after ${IDLE_IN_TRANSACTION_MS / 1000} s`,
  from: 'database',
  drill: true,
  limitMs: 90_000,
  async check(world) {
    const statementMs = await slowStatement(world);
    const transactionMs = await forgottenTransaction(world);
    return kept(
      `a statement without end was answered 503 after ${statementMs} ms; a transaction of a hung program was gone after ${transactionMs} ms`,
      { statementMs, transactionMs },
    );
  },
};

/** A policy that takes its time with each row makes a slow statement of every look at the products. */
async function slowStatement({ running, shop }: World): Promise<number> {
  const database = await databaseHolding(running, 'products.products');
  const undo = `alter table products.products disable row level security; drop policy if exists verify_slow on products.products`;
  try {
    await running.sql(
      database,
      `create policy verify_slow on products.products using (pg_sleep(${(STATEMENT_MS + 3_000) / 1000})::text is not null);
       alter table products.products enable row level security`,
      { as: 'admin' },
    );
    const answer = await shop.get('/products?limit=1', { timeoutMs: 15_000 });
    expect(
      answer.status === 503,
      `${describe(answer)} after ${Math.round(answer.ms)} ms of a statement without end, not 503`,
    );
    expectProblem(answer, 503);
    const allowed = STATEMENT_MS + SLACK_MS;
    expect(
      answer.ms <= allowed,
      `a statement without end was answered after ${Math.round(answer.ms)} ms, more than ${allowed}`,
    );
    return Math.round(answer.ms);
  } finally {
    await running.sql(database, undo, { as: 'admin' });
  }
}

/** Hangs the program while its transaction waits for a lock, so that nobody ends the transaction when the lock is gone. */
async function forgottenTransaction(world: World): Promise<number> {
  const { running, blueprint, shop } = world;
  const database = await databaseHolding(running, 'orders.orders');
  const cookie = await shop.login();
  const copies = copiesOf(programServing(blueprint, '/orders'));
  const all = (act: 'pause' | 'resume') =>
    Promise.all(copies.map(({ program, copy }) => running[act](program.name, copy)));
  try {
    await lockedWhile(running, database, 'orders.orders', LOCKED_MS, async () => {
      shop.order(cookie).catch(() => {});
      await eventually(
        'a transaction that waits for the lock',
        LOCKED_MS,
        () => waiting(running, database),
        10,
      );
      await all('pause');
    });
    await eventually(
      'a forgotten transaction',
      SLACK_MS,
      async () => (await forgotten(running, database)) > 0,
      20,
    );
    const { ms } = await eventually(
      'the end of a forgotten transaction',
      IDLE_IN_TRANSACTION_MS + SLACK_MS,
      async () => (await forgotten(running, database)) === 0,
    );
    return ms;
  } finally {
    await all('resume');
    shop.forget();
    await sleep(100);
  }
}

async function waiting(running: Running, database: string): Promise<boolean> {
  return (await count(running, database, `wait_event_type = 'Lock'`)) > 0;
}

function forgotten(running: Running, database: string): Promise<number> {
  return count(running, database, `state like 'idle in transaction%'`);
}

async function count(running: Running, database: string, condition: string): Promise<number> {
  const role = running.blueprint.databases.find(({ name }) => name === database)?.appRole;
  const [row] = await running.sql<{ n: number }>(
    database,
    `select count(*)::int as n from pg_stat_activity where usename = $1 and ${condition}`,
    { values: [role], as: 'admin' },
  );
  return row?.n ?? 0;
}
