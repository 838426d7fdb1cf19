/** Errors as a client sees them: problem details (RFC 9457), and never a stack trace. */
import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** An error that the client may see: a status, and one sentence on what went wrong. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    options: { headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/** Something that this program needs is down or full for now; the client should come back. */
export function unavailable(detail: string, cause?: unknown): Problem {
  return new Problem(503, detail, { headers: { 'retry-after': '1' }, cause });
}

export function sendError(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): void {
  const problem = asProblem(error);
  if (problem.status === 500) request.log.error(error);
  else if (problem.status > 500) request.log.warn(problem.cause ?? problem);
  reply
    .code(problem.status)
    .headers({ 'x-request-id': request.id, 'cache-control': 'no-store', ...problem.headers })
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[problem.status] ?? 'Error',
        status: problem.status,
        ...(problem.message && { detail: problem.message }),
        requestId: request.id,
      }),
    );
}

function asProblem(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  if (error.code === 'FST_ERR_HANDLER_TIMEOUT') return unavailable('This took too long; try again.');
  const status = error.statusCode ?? 500;
  // A client's own mistake may be named to it; the message of any other error could tell what nobody outside should know.
  return status < 500 ? new Problem(status, error.message) : new Problem(500, '');
}
