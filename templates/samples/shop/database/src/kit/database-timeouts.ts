/** How long the database may take, in milliseconds. Shorter than HANDLER_MS: a client is told, instead of left waiting. */

/** To open a connection. */
export const CONNECT_MS = 2_000;

/** To wait for a row that another transaction holds. Less than CONNECT_MS: then those who wait get a turn before they give up. */
export const LOCK_MS = 1_500;

/** To carry out a statement; the server ends it by then. Less than a balancer waits before it asks another copy to do the same. */
export const STATEMENT_MS = 3_000;

/** To answer at all; for a server that hangs, and so cannot keep to STATEMENT_MS. */
export const QUERY_MS = 3_500;

/** For a transaction that does nothing: one that was forgotten would hold its locks for ever. */
export const IDLE_IN_TRANSACTION_MS = 10_000;
