/** The way to the database: a few connections that stay open and are lent out, never more than the pool's bound. */
import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import { wholeNumber } from '#kit/config';
import { type Connection, clientConfig } from '#kit/connection';
import { explained, isUnavailable, retryConflicts } from '#kit/database-errors';

/** A connection that nobody has used for this long is closed, in milliseconds. */
const IDLE_MS = 30_000;

/** No connection gets older than this, in seconds, so that a changed address or a new setting arrives everywhere in time. */
const MAX_LIFETIME_S = 1800;

/** The rest of a connection's life is drawn from this, in seconds, so that not all processes reconnect at the same moment. */
const LIFETIME_JITTER_S = 300;

export const poolVariables = {
  max: { name: 'POOL_MAX', read: wholeNumber(1, 1000) },
  processes: { name: 'POOL_PROCESSES', read: wholeNumber(1, 1000) },
};

export interface Queries {
  /** Values go in as $1, $2 …, never into the text: that is what keeps SQL out of what people type. */
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

export interface Database extends Queries {
  /**
   * Runs `work` in one transaction: all of it happens, or nothing. It may run again from the start, up to three times in all,
   * when another transaction is in its way. @throws Problem 503 when the database is out of reach or too busy.
   *
   * `work` must use `tx` only: asking the database for a second connection meanwhile can leave all of them waiting for each other.
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Rejects while the database is out of reach. */
  ping(): Promise<void>;
  /** Waits for connections that are lent out, and closes all. */
  close(): Promise<void>;
}

/** @param options.onError is told of connections that break while nobody uses them. */
export function openDatabase(
  connection: Connection,
  options: { readonly max?: number; readonly onError?: (error: Error) => void } = {},
): Database {
  const { max = 5, onError = () => {} } = options;
  const pool = new Pool({
    ...clientConfig(connection),
    max,
    idleTimeoutMillis: IDLE_MS,
    maxLifetimeSeconds: Math.round(MAX_LIFETIME_S + Math.random() * LIFETIME_JITTER_S),
  });
  // Unheard, either event ends the process: the one of an idle connection, and the one of a connection that is lent out.
  pool.on('error', onError);
  pool.on('connect', client => client.on('error', () => {}));

  let lent = 0;
  const isBusy = () => lent >= max;

  async function withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    lent++;
    let broken: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      // A connection that still waits for an answer would give it to whoever borrows it next.
      if (isUnavailable(error)) broken = error as Error;
      throw error;
    } finally {
      lent--;
      client.release(broken);
    }
  }

  return {
    query: (text, values) => explained(() => withClient(client => client.query(text, values))),
    transaction: work =>
      explained(() =>
        retryConflicts(() =>
          withClient(async client => {
            await client.query('begin');
            try {
              const result = await work(client);
              await client.query('commit');
              return result;
            } catch (error) {
              if (!isUnavailable(error)) await client.query('rollback');
              throw error;
            }
          }),
        ),
      ),
    ping: async () => {
      // Busy is not gone: if a full pool counted as unready, a balancer would drop every copy in the busiest moment.
      if (isBusy()) return;
      try {
        await withClient(client => client.query('select 1'));
      } catch (error) {
        if (!isBusy()) throw error;
      }
    },
    close: () => pool.end(),
  };
}
