/** Help for the tests. */
import type { FastifyInstance } from 'fastify';
import { createHttp } from '#kit/http';

/** A server to put a module's routes on, asked by `inject`; it prints nothing and has no port. */
export function createTestHttp(health = { draining: false, check: async () => {} }): FastifyInstance {
  return createHttp({ logLevel: 'silent', trustProxy: [] }, health);
}
