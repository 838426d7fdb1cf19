/** A program starts in one way and ends in one way. */
import { Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { StartError } from '#kit/config';
import type { Health } from '#kit/http';
import { FAREWELL_MS, SHUTDOWN_MS } from '#kit/timeouts';

/** Runs a program. What keeps it from starting is told in one line on stderr; the exit code is then 1. */
export async function run(program: () => Promise<void>): Promise<void> {
  try {
    await program();
  } catch (error) {
    process.stderr.write(`${error instanceof StartError ? error.message : (error as Error).stack}\n`);
    process.exit(1);
  }
}

/** Listens until SIGTERM or SIGINT, then finishes what it has begun. `close` runs after the last request. */
export async function serve(
  http: FastifyInstance,
  config: { host: string; port: number; drainSeconds: number },
  health: Health,
  close: () => Promise<void> = async () => {},
): Promise<void> {
  // A disk that is full costs lines of the log, and not the shop.
  process.stdout.on('error', () => {});
  await http.listen({ host: config.host, port: config.port }).catch((error: Error) => {
    throw new StartError(`cannot listen (${error.message}): choose another HOST or PORT`);
  });

  const silent = new Set<Socket>();
  http.server.on('connection', socket => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  http.server.on('request', request => silent.delete(request.socket));

  // Browsers open connections ahead of need; one that never brings a request would hold up the end until SHUTDOWN_MS.
  const closeUnused = () => {
    http.server.closeIdleConnections();
    for (const socket of silent) socket.destroy();
  };

  const stop = async () => {
    // A second Ctrl-C means now.
    if (health.draining) process.exit(1);
    health.draining = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    // First unready: a balancer that asks needs its next checks to see it before it stops sending.
    await sleep(config.drainSeconds * 1000);
    // Then deaf: who connects is refused, and any balancer may safely take even a POST elsewhere. HTTP's own `close` would also
    // hang up on idle connections, into which somebody may just be sending: they get an answer, and `connection: close` with it.
    Server.prototype.close.call(http.server);
    // A balancer keeps many: one that asks nobody how they are has to come to the end of them, and to be refused, first.
    await sleep(config.drainSeconds > 0 ? FAREWELL_MS * 4 : FAREWELL_MS);
    setInterval(closeUnused, 100).unref();
    await http.close();
    await close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Nobody knows what state the program is in by now; whoever started it starts it again.
  process.on('uncaughtException', error => {
    http.log.fatal(error);
    process.exit(1);
  });
}
