/**
 * The way to the database: a connection for each query, and one for each transaction. That is simple, and nothing can leak;
 * but opening one costs several round trips and a new process in the server, often more than the query itself.
 */
import { Client, type QueryResult, type QueryResultRow } from 'pg';
import { type Connection, clientConfig } from '#kit/connection';
import { explained, retryConflicts } from '#kit/database-errors';

export interface Queries {
  /** Values go in as $1, $2 …, never into the text: that is what keeps SQL out of what people type. */
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

export interface Database extends Queries {
  /**
   * Runs `work` in one transaction: all of it happens, or nothing. It may run again from the start, up to three times in all,
   * when another transaction is in its way. @throws Problem 503 when the database is out of reach or too busy.
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Rejects while the database is out of reach. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export function openDatabase(connection: Connection): Database {
  async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client(clientConfig(connection));
    // A connection that breaks between two queries tells it by this event; unheard, it would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      return await work(client);
    } finally {
      // Not waited for: a database that hangs would hold up an answer that is already there.
      client.end().catch(() => {});
    }
  }

  return {
    query: (text, values) => explained(() => withClient(client => client.query(text, values))),
    transaction: work =>
      explained(() =>
        retryConflicts(() =>
          withClient(async client => {
            await client.query('begin');
            const result = await work(client).catch(async error => {
              await client.query('rollback').catch(() => {});
              throw error;
            });
            await client.query('commit');
            return result;
          }),
        ),
      ),
    ping: () => withClient(async client => void (await client.query('select 1'))),
    close: async () => {},
  };
}
