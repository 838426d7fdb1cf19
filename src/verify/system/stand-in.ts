/** Hears what the proxies in front send on: a server of the check's own, for a moment in the place of one copy. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { eventually } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { REQUEST_TIMEOUT_MS, type RequestOptions } from '../http/client.ts';
import { balancerIn, startAll } from './nodes.ts';

/**
 * Asks with these headers until one request comes to the stand-in. @returns the headers that it came with; undefined
 * where a copy's address is not one that this machine can listen on
 * @throws Broken if none comes
 */
export async function heardBehind(
  { running, blueprint, door }: World,
  headers: NonNullable<RequestOptions['headers']>,
): Promise<IncomingHttpHeaders | undefined> {
  const { program } = balancerIn(blueprint);
  const address = running.address(program.name, 0);
  if (address?.host !== '127.0.0.1') return undefined;
  let heard: IncomingHttpHeaders | undefined;
  const server = createServer((request, response) => {
    // Whoever balances may ask first whether the copy is ready.
    if (request.url !== program.healthPath) heard = request.headers;
    response.end('{}');
  });
  await running.kill(program.name, 0);
  try {
    await running.exited(program.name, 0, REQUEST_TIMEOUT_MS);
    await new Promise<void>(resolve => server.listen(address.port, address.host, resolve));
    const sent = async () => {
      // Where no other program has a route of its own.
      await door.get('/no-such-route', { headers });
      return heard;
    };
    return (await eventually('a request to one copy', REQUEST_TIMEOUT_MS, sent, 5)).value;
  } finally {
    server.close();
    server.closeAllConnections();
    await startAll(running, [{ program, copy: 0 }]);
  }
}
