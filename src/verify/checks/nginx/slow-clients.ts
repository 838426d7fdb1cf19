import type { TLSSocket } from 'node:tls';
import { DOOR_LIMITS } from '../../../journey/limits.ts';
import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { expect, expectWithin, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { SAFE_CONNECTIONS } from '../../http/pace.ts';
import { withBound } from '../../load/rule-of-three.ts';
import { expectNoneFailed, Load } from '../../load/steady.ts';
import { underLoad } from '../../load/under-load.ts';
import { TooLate } from '../../outcome.ts';
import { dial } from '../../wire/wire.ts';

/** Of each kind. They shall be let go for being slow, not for being many. */
const CONNECTIONS = SAFE_CONNECTIONS;
const CLOSED_WITHIN_MS = TIMEOUTS.nginxClientSilence * 1000 + 5_000;
/** Sooner, it was not slowness that ended them. */
const HEARD_OUT_MS = 2_000;
/** Well below what nginx grants one address. */
const GETS_PER_SECOND = 0.6 * DOOR_LIMITS.perSecond;
const GET_P99_MS = 1_000;

export const nginxSlowClients: Guarantee = {
  id: 'nginx.slow-clients',
  lines: ['F7'],
  title: `${CONNECTIONS} clients slow with headers and ${CONNECTIONS} with bodies are let go; others do not notice`,
  from: 'nginx',
  needs: ['probes.read'],
  drill: true,
  limitMs: 60_000,
  async check(world) {
    const slow = [...(await dialed(world, dripHeaders)), ...(await dialed(world, stallInBody))];
    return await underLoad(world, {
      start: crowd => [
        new Load(world, {
          what: 'GETs beside slow clients',
          clients: 8,
          perSecond: GETS_PER_SECOND,
          isGood: world.probes.isRead,
          send: index => crowd.at(index).read(),
        }),
      ],
      work: async load => {
        const lives = await Promise.all(slow.map(each => each.life));
        const report = await load.stop();
        const open = lives.filter(ms => ms === undefined).length;
        if (open > 0)
          throw new TooLate(
            `${open} of ${lives.length} slow connections were still open after ${CLOSED_WITHIN_MS / 1000} s`,
          );
        const [first = 0, last = 0] = [Math.min, Math.max].map(of =>
          Math.round(of(...lives.map(ms => ms ?? 0))),
        );
        expect(first >= HEARD_OUT_MS, `a slow client was turned away after ${first} ms, before it was slow`);
        expectNoneFailed(report, 1);
        expectWithin(report.p99Ms, GET_P99_MS, `GETs beside slow clients took ${report.p99Ms} ms (p99)`);
        return kept(
          `${lives.length} slow connections closed within ${last} ms; beside them ${withBound(report.sent)} GETs failed, p99 ${report.p99Ms} ms`,
          {
            connections: lives.length,
            firstMs: first,
            lastMs: last,
            requests: report.sent,
            p99Ms: report.p99Ms,
          },
        );
      },
      restore: async () => {
        for (const { socket } of slow) socket.destroy();
      },
    });
  },
};

type BeSlow = (socket: TLSSocket, path: string, host: string) => void;

interface SlowClient {
  readonly socket: TLSSocket;
  /** How long the connection lived, in milliseconds; undefined if it was open to the end. */
  readonly life: Promise<number | undefined>;
}

function dialed(world: World, beSlow: BeSlow): Promise<SlowClient[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => slowClient(world, beSlow)));
}

async function slowClient({ running }: World, beSlow: BeSlow): Promise<SlowClient> {
  const socket = await dial(running);
  const started = performance.now();
  const life = new Promise<number | undefined>(resolve => {
    const timer = setTimeout(resolve, CLOSED_WITHIN_MS, undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(performance.now() - started);
    });
  });
  socket.resume();
  const { domain, basePath } = running.blueprint.frontDoor;
  // nginx lets slow clients go before it sends anything on: any path will do.
  beSlow(socket, `${basePath}/no-such-route`, domain);
  return { socket, life };
}

/** A byte a second: never silent, never done. */
function dripHeaders(socket: TLSSocket, path: string, host: string): void {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
  const drip = setInterval(() => socket.write('a'), 1_000);
  socket.on('close', () => clearInterval(drip));
}

/** As much of a body as shows that there is one, and then nothing. */
function stallInBody(socket: TLSSocket, path: string, host: string): void {
  const headers = `Host: ${host}\r\nContent-Type: application/json\r\nContent-Length: 1000`;
  socket.write(`POST ${path} HTTP/1.1\r\n${headers}\r\n\r\n{"text":`);
}
