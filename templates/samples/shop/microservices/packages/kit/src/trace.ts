/** Carries a W3C `traceparent` from a request to the messages that it causes, so that one trace can join all services. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

const current = new AsyncLocalStorage<string>();

/** Continues the caller's trace in every request, or begins one. */
export function registerTrace(app: FastifyInstance): void {
  // Not earlier: reading the body would lose it again.
  app.addHook('preHandler', (request, _reply, done) => {
    current.run(continued(request.headers.traceparent), done);
  });
}

/** The trace of the request or message being handled; a new one outside of any. */
export function currentTraceparent(): string {
  return current.getStore() ?? continued(undefined);
}

function continued(parent: unknown): string {
  const known = typeof parent === 'string' && /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(parent);
  const [trace, flags] = known ? [known[1], known[2]] : [randomBytes(16).toString('hex'), '01'];
  return `00-${trace}-${randomBytes(8).toString('hex')}-${flags}`;
}
