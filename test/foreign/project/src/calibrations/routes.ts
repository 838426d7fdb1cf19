import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#kit/problem';
import {
  integer,
  listOf,
  object,
  type PageQuery,
  pageQuery,
  readPage,
  string,
  stringOrNull,
} from '#kit/schema';
import { WORK_MS } from './bench.ts';
import type { CalibrationStore } from './store.ts';

const uuid = { ...string, format: 'uuid' } as const;
const params = object({ id: uuid });
const newCalibration = object(
  {
    dueAt: { ...string, format: 'date-time' },
    serial: { ...integer, minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    note: { ...string, maxLength: 500 },
  },
  ['note'],
);
const calibration = object({
  id: string,
  instrumentId: string,
  serial: integer,
  note: string,
  dueAt: string,
  status: string,
  queuedAt: string,
  finishedAt: stringOrNull,
});
const page = object({ items: listOf(calibration), next: stringOrNull });
const search = { type: 'object', properties: { ...pageQuery, after: uuid } };

interface Options {
  readonly store: CalibrationStore;
  /** Who sent the request. @throws Problem 401 without a token that counts. */
  currentEngineer(request: FastifyRequest): Promise<{ readonly id: string }>;
  readonly onQueued: () => void;
}

export function calibrationRoutes(http: FastifyInstance, options: Options): void {
  const { store, currentEngineer, onQueued } = options;

  http.post<{ Params: { id: string }; Body: { dueAt: string; serial: number; note?: string } }>(
    '/instruments/:id/calibrations',
    { schema: { params, body: newCalibration, response: { 202: calibration } } },
    async (request, reply) => {
      const engineer = await currentEngineer(request);
      const dueAt = new Date(request.body.dueAt);
      if (!(dueAt.getTime() > Date.now())) throw new Problem(422, 'A calibration cannot be due in the past.');
      const queued = await store.queue({
        id: randomUUID(),
        instrumentId: request.params.id,
        engineerId: engineer.id,
        serial: request.body.serial,
        note: request.body.note ?? '',
        dueAt,
        workMs: WORK_MS,
      });
      onQueued();
      request.log.debug({ calibration: queued.id }, 'a calibration was queued');
      reply.code(202).header('location', `${http.prefix}/calibrations/${queued.id}`);
      return queued;
    },
  );

  http.get<{ Params: { id: string }; Querystring: PageQuery }>(
    '/instruments/:id/calibrations',
    { schema: { params, querystring: search, response: { 200: page } } },
    async request => {
      await currentEngineer(request);
      const { after, ...query } = request.query;
      return readPage(query, limit => store.list(request.params.id, { limit, ...(after && { after }) }));
    },
  );

  http.get<{ Params: { id: string } }>(
    '/calibrations/:id',
    { schema: { params, response: { 200: calibration } } },
    async request => {
      await currentEngineer(request);
      const found = await store.find(request.params.id);
      if (!found) throw new Problem(404, 'There is no such calibration.');
      return found;
    },
  );
}
