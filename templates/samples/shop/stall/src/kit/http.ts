/** The HTTP server that every program here starts from: limits, request ids, health and errors. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { basePath, flag, networks, oneOf, text, wholeNumber } from '#kit/config';
import { Problem, sendError } from '#kit/problem';
import {
  CONNECTION_CHECK_MS,
  DISCARD_MS,
  HANDLER_MS,
  HEADERS_MS,
  KEEP_ALIVE_MS,
  REQUEST_MS,
  SLOW_REQUEST_MS,
} from '#kit/timeouts';

/** Largest request body, in bytes; a larger one gets a 413. */
export const BODY_LIMIT = 64 * 1024;

export const httpVariables = {
  host: { name: 'HOST', fallback: '127.0.0.1', read: text },
  port: { name: 'PORT', fallback: '3000', read: wholeNumber(0, 65_535) },
  basePath: { name: 'BASE_PATH', fallback: '', read: basePath },
  trustProxy: { name: 'TRUST_PROXY', fallback: '', read: networks },
  cookieSecure: { name: 'COOKIE_SECURE', fallback: 'false', read: flag },
  drainSeconds: { name: 'DRAIN_SECONDS', fallback: '0', read: wholeNumber(0, 15) },
  logLevel: {
    name: 'LOG_LEVEL',
    fallback: 'info',
    read: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  },
};

/** Whether this program wants requests; whoever balances over several copies asks `/readyz`. */
export interface Health {
  /** True from SIGTERM on. */
  draining: boolean;
  /** Rejects while something that every request needs is out of reach. */
  check(): Promise<void>;
}

export function createHttp(
  config: { logLevel: string; trustProxy: string[] },
  health: Health,
): FastifyInstance {
  const http = Fastify({
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    handlerTimeout: HANDLER_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: CONNECTION_CHECK_MS },
    // Anyone can send X-Forwarded-For; only the named proxies are believed.
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    // A connection that is still open while the program ends may bring one more request: it is served, not refused.
    return503OnClosing: false,
    // Without these, `"quantity": true` becomes 1, and a misspelt field is dropped without a word.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    genReqId: requestId,
    logController: new LogController({ requestIdLogLabel: 'requestId', disableRequestLogging: true }),
    logger: {
      // Not pino's own: that ends the program when a line cannot be written.
      stream: process.stdout,
      level: config.logLevel,
      formatters: { level: level => ({ level }) },
      serializers: { err: describeError },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    frameworkErrors: sendError,
  });
  // Without this, a body of plain text gets past the content type and fails later, as a 400 that misleads.
  http.removeContentTypeParser('text/plain');
  http.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (error.statusCode === 413 && (await discardBody(request.raw))) reply.removeHeader('connection');
    sendError(error, request, reply);
    return reply;
  });
  http.setNotFoundHandler(notFound(http));
  addHeaders(http, health);
  addHealthRoutes(http, health);
  logRequests(http);
  return http;
}

/** What the log says about an error. Not all that hangs on it: a database driver's errors carry their whole connection. */
export function describeError(error: Error & { code?: string }) {
  return { type: error.name, message: error.message, code: error.code, stack: error.stack ?? '' };
}

/**
 * Reads what a client goes on sending although it is too large: closed on in the middle, it would see a broken connection
 * instead of the answer. @returns whether it came to an end in time.
 */
async function discardBody(request: IncomingMessage): Promise<boolean> {
  request.resume();
  const signal = AbortSignal.timeout(DISCARD_MS);
  return finished(request, { writable: false, signal }).then(
    () => true,
    () => false,
  );
}

/** The id that a proxy in front gave, if it is one; a client could send anything, and it goes into the log. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID();
}

function addHeaders(http: FastifyInstance, health: Health): void {
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
  });
  http.addHook('onSend', async (_request, reply) => {
    // Nobody new is let in any more, and this connection is to go as well: nothing more must be sent into it.
    if (health.draining && !http.server.listening) reply.header('connection', 'close');
  });
}

function addHealthRoutes(http: FastifyInstance, health: Health): void {
  http.get('/livez', async () => ({ status: 'alive' }));
  http.get('/readyz', async (request, reply) => {
    if (health.draining) return reply.code(503).send({ status: 'draining' });
    try {
      await health.check();
      return { status: 'ready' };
    } catch (error) {
      request.log.debug(error);
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
}

function logRequests(http: FastifyInstance): void {
  http.addHook('onResponse', async (request, reply) => {
    const about = { method: request.method, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    const route = request.routeOptions.url ?? 'unknown';
    // The route, not the URL: an address can hold what does not belong in a log. Who develops sees it, up to its `?`.
    if (about.ms >= SLOW_REQUEST_MS) request.log.warn({ ...about, route }, 'slow request');
    else if (route !== '/livez' && route !== '/readyz')
      request.log.debug({ ...about, path: request.url.split('?', 1)[0] }, 'request');
  });
}

/** 404 for an address that is none; 405, with the methods that there are, for one asked in the wrong way. */
function notFound(http: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => void {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  http.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/:[^/]+/g, '[^/]+')}$`);
    routes.push({ pattern, methods: [method].flat() });
  });
  return request => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allow = routes.filter(route => route.pattern.test(path)).flatMap(route => route.methods);
    if (allow.length === 0) throw new Problem(404, 'There is nothing at this address.');
    throw new Problem(405, 'This address does not take that method.', {
      headers: { allow: [...new Set(allow)].join(', ') },
    });
  };
}
