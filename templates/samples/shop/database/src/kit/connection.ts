/** Where the database is, and how long it may take. */
import { hostname } from 'node:os';
import type { ClientConfig } from 'pg';
import { secretFile, text, wholeNumber } from '#kit/config';
import { CONNECT_MS, IDLE_IN_TRANSACTION_MS, LOCK_MS, QUERY_MS, STATEMENT_MS } from '#kit/database-timeouts';

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** TLS to the database is set by PGSSLMODE, which the driver reads itself. */
export const connectionVariables = {
  host: { name: 'PGHOST', read: text },
  port: { name: 'PGPORT', fallback: '5432', read: wholeNumber(1, 65_535) },
  database: { name: 'PGDATABASE', read: text },
  user: { name: 'PGUSER', read: text },
  password: { name: 'PGPASSWORD_FILE', read: secretFile },
};

/** For a program that answers requests: every wait has an end. */
export function clientConfig({ host, port, database, user, password }: Connection): ClientConfig {
  return {
    host,
    port,
    database,
    user,
    password,
    // Tells in pg_stat_activity which process a connection belongs to.
    application_name: `${user}@${hostname()}:${process.pid}`,
    connectionTimeoutMillis: CONNECT_MS,
    lock_timeout: LOCK_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: QUERY_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
  };
}
