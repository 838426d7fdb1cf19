import type { FastifyRequest } from 'fastify';
import { findSession } from './routes.ts';
import type { Customer, SessionStore } from './store.ts';

/** Who sent the request. @throws Problem 401 when nobody is signed in. */
export function createCurrentCustomer(store: SessionStore): (request: FastifyRequest) => Promise<Customer> {
  return async request => (await findSession(store, request)).customer;
}
