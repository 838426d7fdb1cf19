import {
  IDLE_IN_TRANSACTION_MS,
  LOCK_MS,
  STATEMENT_MS,
} from '../../../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import type { Running } from '../../../engines/engine.ts';
import { eventually, expect, expectProblem, expectWithin, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { NotVerifiable } from '../../outcome.ts';
import { lockedWhile } from '../../system/locks.ts';
import { copiesOf, databaseHolding, programServing } from '../../system/nodes.ts';

const SLACK_MS = 2_000;
/** Less than a transaction waits for a lock: it goes on, but whoever began it does not. */
const LOCKED_MS = LOCK_MS - 600;
/** One of those who wait may be a worker of the program's own. */
const WRITES = 3;
const WAITING = 2;
const ANSWERED_WITHIN_MS = 15_000;
const POLICY = 'verify_slow';

export const databaseEndless: Guarantee = {
  id: 'database.endless-work',
  lines: ['D4'],
  title: `the server ends a statement after ${STATEMENT_MS / 1000} s, and a forgotten transaction after ${IDLE_IN_TRANSACTION_MS / 1000} s`,
  from: 'database',
  drill: true,
  needs: ['probes.read', 'probes.write', 'database.lock', 'database.counts'],
  limitMs: 90_000,
  async check(world) {
    const statementMs = await slowStatement(world);
    const transactionMs = await forgottenTransaction(world);
    const forgotten =
      transactionMs === undefined
        ? 'a write is one statement, and leaves no transaction that could be forgotten'
        : `a transaction of a hung program was gone after ${transactionMs} ms`;
    return kept(`a statement without end was answered 503 after ${statementMs} ms; ${forgotten}`, {
      statementMs,
      ...(transactionMs === undefined ? {} : { transactionMs }),
    });
  },
};

/** A policy that takes its time with each row makes a slow statement of every look at the table. */
async function slowStatement({ running, probes }: World): Promise<number> {
  const { lock = '' } = probes.facts.database ?? {};
  const database = await databaseHolding(running, lock);
  const admin = (text: string) => running.sql(database, text, { as: 'admin' });
  const [table] = await running.sql<{ guarded: boolean }>(
    database,
    'select relrowsecurity as guarded from pg_class where oid = to_regclass($1)',
    { values: [lock], as: 'admin' },
  );
  // Where the table has policies of its own they stay, and this one comes on top of them.
  const isGuarded = table?.guarded ?? false;
  const sleeps = `pg_sleep(${(STATEMENT_MS + 3_000) / 1000})::text is not null`;
  try {
    await admin(
      `create policy ${POLICY} on ${lock} as ${isGuarded ? 'restrictive' : 'permissive'} using (${sleeps});
       alter table ${lock} enable row level security`,
    );
    let isAnswered = false;
    const asked = probes.read({ timeoutMs: ANSWERED_WITHIN_MS }).finally(() => {
      isAnswered = true;
    });
    const [answer, hasSlept] = await Promise.all([asked, seenAsleep(running, database, () => isAnswered)]);
    if (probes.isRead(answer) && !hasSlept) {
      throw new NotVerifiable(
        `the read probe looks at no row of ${lock}, and so nothing slows it down`,
        'probe',
      );
    }
    const ms = Math.round(answer.ms);
    expect(answer.status === 503, `${describe(answer)} after ${ms} ms of a statement without end, not 503`);
    expectProblem(answer, 503);
    const allowed = STATEMENT_MS + SLACK_MS;
    expectWithin(ms, allowed, `a statement without end was answered after ${ms} ms, more than ${allowed}`);
    return ms;
  } finally {
    const open = isGuarded ? '' : `alter table ${lock} disable row level security;`;
    await admin(`${open} drop policy if exists ${POLICY} on ${lock}`);
  }
}

async function seenAsleep(running: Running, database: string, isOver: () => boolean): Promise<boolean> {
  let isSeen = false;
  while (!isOver()) {
    isSeen ||= (await sessions(running, database, `wait_event = 'PgSleep'`)).length > 0;
    await sleep(50);
  }
  return isSeen;
}

/**
 * Hangs the program while its transactions wait for a lock, so that nobody ends them when the lock is gone.
 * @returns how long they were there, or undefined where none was left behind
 */
async function forgottenTransaction(world: World): Promise<number | undefined> {
  const { running, blueprint, door, probes } = world;
  const { counts = '' } = probes.facts.database ?? {};
  const database = await databaseHolding(running, counts);
  const session = await probes.writer();
  const copies = copiesOf(programServing(blueprint, probes.writePath));
  const all = (act: 'pause' | 'resume') =>
    Promise.all(copies.map(({ program, copy }) => running[act](program.name, copy)));
  try {
    await lockedWhile(running, database, counts, LOCKED_MS, async () => {
      for (let write = 0; write < WRITES; write++) probes.write(session).catch(() => {});
      const waiting = async () =>
        (await sessions(running, database, `wait_event_type = 'Lock'`)).length >= WAITING;
      await eventually('writes that wait', LOCKED_MS, waiting, 10).catch(() => {
        throw new NotVerifiable(`no write was seen to wait for a lock on ${counts}`, 'probe');
      });
      await all('pause');
    });
    const left = await leftBehind(running, database);
    if (left.length === 0) return undefined;
    const { ms } = await eventually(
      'the end of a forgotten transaction',
      IDLE_IN_TRANSACTION_MS + SLACK_MS,
      async () => (await idle(running, database)).every(pid => !left.includes(pid)),
    );
    return ms;
  } finally {
    await all('resume');
    door.forget();
    await sleep(100);
  }
}

/** The transactions that are there, and that nobody goes on with. */
async function leftBehind(running: Running, database: string): Promise<number[]> {
  const until = performance.now() + SLACK_MS;
  while (performance.now() < until) {
    const pids = await idle(running, database);
    if (pids.length > 0) return pids;
    await sleep(20);
  }
  return [];
}

function idle(running: Running, database: string): Promise<number[]> {
  return sessions(running, database, `state like 'idle in transaction%'`);
}

/** The program's own sessions of which the condition holds. */
async function sessions(running: Running, database: string, condition: string): Promise<number[]> {
  const role = running.blueprint.databases.find(({ name }) => name === database)?.appRole;
  const rows = await running.sql<{ pid: number }>(
    database,
    `select pid from pg_stat_activity where usename = $1 and ${condition}`,
    { values: [role], as: 'admin' },
  );
  return rows.map(({ pid }) => pid);
}
