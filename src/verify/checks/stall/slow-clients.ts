import net from 'node:net';
import {
  CONNECTION_CHECK_MS,
  REQUEST_MS,
} from '../../../../templates/samples/shop/stall/src/kit/timeouts.ts';
import { nodesOfKind } from '../../../blueprint/blueprint.ts';
import { expect, expectWithin, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';

const CONNECTIONS = 100;
const BYTE_EVERY_MS = 1_000;
const SLACK_MS = 3_000;
/** The longest that a slow client may stay: the program's limit, seen at its next look. */
const CLOSED_WITHIN_MS = REQUEST_MS + CONNECTION_CHECK_MS + SLACK_MS;
const ANSWER_WITHIN_MS = 1_000;

export const stallSlowClients: Guarantee = {
  id: 'stall.slow-clients',
  lines: ['B4'],
  title: `${CONNECTIONS} clients that send a byte a second are cut off, and do not hinder others`,
  from: 'stall',
  drill: true,
  needs: ['probes.read', ['probes.logins', 'probes.write']],
  // nginx has limits of its own, and a drill for them.
  applies: blueprint => nodesOfKind(blueprint, 'nginx').length === 0,
  limitMs: 90_000,
  async check(world) {
    const { path } = await world.probes.postable();
    const headers = `GET ${world.probes.readPath} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `;
    const body = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{`;
    const slow = Array.from(
      { length: CONNECTIONS },
      (_, index) => new SlowClient(world, index % 2 ? body : headers),
    );
    const started = performance.now();
    let requests = 0;
    let worstMs = 0;
    try {
      while (slow.some(({ closedMs }) => closedMs === undefined) && !world.signal.aborted) {
        const open = slow.filter(({ closedMs }) => closedMs === undefined).length;
        const ms = performance.now() - started;
        world.onProgress(`${open} slow clients left after ${Math.round(ms / 1000)} s`);
        expectWithin(
          ms,
          CLOSED_WITHIN_MS,
          `${open} of ${CONNECTIONS} slow clients were still there after ${CLOSED_WITHIN_MS / 1000} s`,
        );
        const answer = await world.probes.read();
        expect(world.probes.isRead(answer), `beside slow clients: ${describe(answer)}`);
        worstMs = Math.max(worstMs, answer.ms);
        requests++;
        await sleep(100);
      }
    } finally {
      for (const client of slow) client.close();
    }
    const odd = slow.find(({ received }) => !/^(HTTP\/1\.[01] (408|503) |$)/.test(received));
    expect(!odd, `a slow client was answered ${JSON.stringify(odd?.received.slice(0, 80))}, not 408 or 503`);
    expectWithin(worstMs, ANSWER_WITHIN_MS, `beside slow clients an answer took ${Math.round(worstMs)} ms`);
    const lastMs = Math.max(...slow.map(({ closedMs }) => closedMs ?? 0));
    return kept(
      `all ${CONNECTIONS} were cut off after ${(lastMs / 1000).toFixed(1)} s at most; ${requests} other requests took ${Math.round(worstMs)} ms at most`,
      { connections: CONNECTIONS, closedMs: Math.round(lastMs), requests, worstMs: Math.round(worstMs) },
    );
  },
};

/** Sends what it is given, and then a byte a second for as long as it is let. */
class SlowClient {
  /** When the connection was closed on it, counted from its start. */
  closedMs: number | undefined;
  received = '';
  readonly #socket: net.Socket;
  readonly #drip: NodeJS.Timeout;

  constructor({ running }: World, start: string) {
    const began = performance.now();
    const { host, port } = running.frontDoor;
    this.#socket = net.connect(port, host, () => this.#socket.write(start));
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (piece: string) => {
      this.received += piece;
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.closedMs ??= performance.now() - began;
      clearInterval(this.#drip);
    });
    this.#drip = setInterval(() => this.#socket.write('x'), BYTE_EVERY_MS);
  }

  close(): void {
    this.#socket.destroy();
    clearInterval(this.#drip);
  }
}
