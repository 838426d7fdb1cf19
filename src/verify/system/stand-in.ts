/** Hears what the proxies in front send on: a server of the check's own, for a moment in the place of one copy. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { eventually } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { type HttpResponse, REQUEST_TIMEOUT_MS, type RequestOptions } from '../http/client.ts';
import { balancerIn, startAll } from './nodes.ts';

/** A request as a program gets it. */
export interface Heard {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** What became of the stand-in's answer, JSON long enough to be worth compressing, on its way back. */
  readonly answer: HttpResponse;
}

const ANSWER = JSON.stringify({ text: 'heard '.repeat(200) });

/**
 * Asks with these headers until one request comes to the stand-in.
 * @param path one that no program but the one in whose place the stand-in is could have a route for
 * @returns what came; undefined where a copy's address is not one that this machine can listen on
 * @throws TooLate if nothing comes
 */
export async function heardBehind(
  { running, blueprint, door }: World,
  headers: NonNullable<RequestOptions['headers']>,
  path = '/no-such-route',
): Promise<Heard | undefined> {
  const { program } = balancerIn(blueprint);
  const address = running.address(program.name, 0);
  if (address?.host !== '127.0.0.1') return undefined;
  let heard: Omit<Heard, 'answer'> | undefined;
  const server = createServer((request, response) => {
    // Whoever balances may ask first whether the copy is ready.
    if (request.url !== program.healthPath) heard = { path: request.url, headers: request.headers };
    response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
  });
  await running.kill(program.name, 0);
  try {
    await running.exited(program.name, 0, REQUEST_TIMEOUT_MS);
    await new Promise<void>(resolve => server.listen(address.port, address.host, resolve));
    const sent = async () => {
      const answer = await door.get(path, { headers });
      return heard && { ...heard, answer };
    };
    return (await eventually('a request to one copy', REQUEST_TIMEOUT_MS, sent, 5)).value;
  } finally {
    server.close();
    server.closeAllConnections();
    await startAll(running, [{ program, copy: 0 }]);
  }
}
