/** A way to a port of a container that this machine does not reach: a local port whose connections a program inside carries on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Endpoint } from '../engine.ts';
import type { Launch } from '../run/launch.ts';
import { LOOPBACK } from '../run/ports.ts';

/** @param into what runs a program inside the container, which has bash */
export async function tunnelTo<T>(
  { command, args, env }: Launch,
  port: number,
  use: (endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  const carry = `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3 & exec cat >&3`;
  const server = createServer(socket => {
    const inside = spawn(command, [...args, 'bash', '-c', carry], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const end = () => {
      socket.destroy();
      inside.kill();
    };
    for (const stream of [socket, inside, inside.stdin, inside.stdout]) stream.on('error', end);
    socket.on('close', end);
    socket.pipe(inside.stdin);
    inside.stdout.pipe(socket);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  try {
    const address = server.address();
    return await use({ host: LOOPBACK, port: address && typeof address === 'object' ? address.port : 0 });
  } finally {
    server.close();
  }
}
