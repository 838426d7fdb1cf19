/** How long HTTP may take, in milliseconds. Each number is chosen against its neighbours: see the comments. */

/** Longer than any proxy in front keeps an idle connection, or it sends a request into one that this program is just closing. */
export const KEEP_ALIVE_MS = 72_000;

/**
 * How long a client may take over its headers, and a new connection over its first request; an idle connection between two
 * requests is not meant. No more than REQUEST_MS, or Node lets slow bodies go on for ever.
 */
export const HEADERS_MS = 15_000;

/** How long a client may take over a whole request; ends those who send a byte a minute. */
export const REQUEST_MS = 30_000;

/** How often Node looks for connections that broke the two limits above; its own default is every 30 s. */
export const CONNECTION_CHECK_MS = 5_000;

/** How long an answer may take before the client gets a 503 instead. Less than what a proxy in front waits. */
export const HANDLER_MS = 10_000;

/** How long the rest of a body that is too large may take, before the connection is closed on it. */
export const DISCARD_MS = 1_000;

/** A request that took this long is worth a line in the log. */
export const SLOW_REQUEST_MS = 1_000;

/** After SIGTERM: when requests have not finished by then, the program ends all the same. Less than Compose's stop_grace_period. */
export const SHUTDOWN_MS = 20_000;

/** How long connections that are open go on once no new ones are let in: enough for requests that are on their way. */
export const FAREWELL_MS = 250;
