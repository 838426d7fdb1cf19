/** A program starts in one way and ends in one way. */
import type { Socket } from 'node:net';
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
    // First unready, and only later closed: a balancer needs its next checks to see it before it stops sending. Without one,
    // clients that are just sending still get an answer, and `connection: close` with it, instead of a broken connection.
    await sleep(Math.max(config.drainSeconds * 1000, FAREWELL_MS));
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
