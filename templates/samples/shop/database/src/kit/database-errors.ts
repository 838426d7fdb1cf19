/** What the database's errors mean to a client. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, unavailable } from '#kit/problem';

/** The driver tells these in words only. */
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client (was closed|has encountered a connection error)|Cannot use a pool after calling end)/;

/** No way there: refused, reset, timed out, unknown host. */
const NETWORK_CODES =
  /^E(CONN(REFUSED|RESET|ABORTED)|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)$/;

/** Connection exceptions (08), out of connections or memory (53), shutting down or starting (57P), idle for too long (25P03). */
const SERVER_CODES = /^(08...|53...|57P0[1235]|25P03)$/;

/** The statement took too long (57014), or waited too long for another transaction (55P03). */
const TOO_LONG_CODES = /^(57014|55P03)$/;

const UNIQUE_VIOLATION = '23505';

/** Text that the database cannot keep: it takes every character but U+0000. */
const UNKEEPABLE_CODES = /^(22021|22P05)$/;

/** Two transactions in each other's way: serialization failure, deadlock. The server has undone this one. */
const CONFLICT_CODES = /^(40001|40P01)$/;

const CONFLICT_ATTEMPTS = 3;

/** Whether the database is out of reach, or takes no more connections. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    NETWORK_CODES.test(code) ||
    SERVER_CODES.test(code) ||
    (error instanceof Error && UNAVAILABLE_MESSAGE.test(error.message))
  );
}

/** Runs `work`; an error that a client can do something about comes out as a Problem. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asProblem(error) ?? error;
  }
}

function asProblem(error: unknown): Problem | undefined {
  if (isUnavailable(error)) return unavailable('The database cannot be reached just now; try again.', error);
  const code = codeOf(error);
  if (TOO_LONG_CODES.test(code) || CONFLICT_CODES.test(code)) {
    return unavailable('The database is too busy just now; try again.', error);
  }
  if (code === UNIQUE_VIOLATION) return new Problem(409, 'There is one like this already.', { cause: error });
  if (UNKEEPABLE_CODES.test(code)) {
    return new Problem(400, 'A text holds a character that cannot be kept.', { cause: error });
  }
  return undefined;
}

/** Repeats a transaction that another one got in the way of: whoever tries again comes through. */
export async function retryConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === CONFLICT_ATTEMPTS || !CONFLICT_CODES.test(codeOf(error))) throw error;
      // At random, or the two would meet again.
      await sleep(Math.random() * 50 * attempt);
    }
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
