/** Who served which request, as the balancer's own access log tells it. */
import type { Running } from '../../engines/engine.ts';
import { eventually, expect, sleep } from '../expect.ts';
import { Broken, type World } from '../guarantee.ts';
import { describe, type HttpResponse } from '../http/client.ts';
import { newMark } from '../http/mark.ts';
import type { Probes } from '../http/probes.ts';
import type { Balancer } from './nodes.ts';

interface LogLine {
  readonly server?: unknown;
  readonly upstream?: unknown;
  readonly requestId?: unknown;
}

/** A line takes a moment from the proxy to the log. */
const LOG_WITHIN_MS = 1_500;

/** Requests that can be found again in the balancer's log. */
export class MarkedRequests {
  readonly #running: Running;
  readonly #balancer: Balancer;
  readonly #mark: string;
  #sent = 0;

  constructor({ running, random }: Pick<World, 'running' | 'random'>, balancer: Balancer) {
    this.#running = running;
    this.#balancer = balancer;
    this.#mark = newMark(random);
  }

  get sent(): number {
    return this.#sent;
  }

  /** Sends a request under an id of its own, which `send` has to pass on among its headers. */
  send<Response>(send: (headers: Readonly<Record<string, string>>) => Promise<Response>): Promise<Response> {
    return send({ 'x-request-id': `${this.#mark}-${this.#sent++}` });
  }

  /** Asks the read probe under an id of its own. */
  read(probes: Probes): Promise<HttpResponse> {
    return this.send(headers => probes.read({ headers }));
  }

  /**
   * The server that answered each request, in the order of sending; `undefined` for one that the log does not have.
   * @throws Broken if the log has nothing at all of these requests
   */
  async servers(): Promise<(string | undefined)[]> {
    const started = performance.now();
    for (;;) {
      const found = this.#found(await this.#running.logs(this.#balancer.node));
      if (found.size >= this.#sent || performance.now() - started > LOG_WITHIN_MS) {
        if (found.size === 0 && this.#sent > 0) {
          throw new Broken(
            `${this.#balancer.node}'s access log shows none of ${this.#sent} requests by their x-request-id`,
          );
        }
        return Array.from({ length: this.#sent }, (_, index) => found.get(index));
      }
      await sleep(50);
    }
  }

  #found(lines: readonly string[]): Map<number, string> {
    const found = new Map<number, string>();
    for (const line of lines) {
      if (!line.includes(this.#mark)) continue;
      const entry = parsed(line);
      const server = serverOf(entry);
      const index = Number(String(entry?.requestId ?? '').slice(this.#mark.length + 1));
      if (server !== undefined && Number.isInteger(index)) found.set(index, server);
    }
    return found;
  }
}

function parsed(line: string): LogLine | undefined {
  try {
    return JSON.parse(line.slice(line.indexOf('{'))) as LogLine;
  } catch {
    return undefined;
  }
}

/** nginx names every server it tried, the one that answered last; HAProxy names that one alone. */
function serverOf(entry: LogLine | undefined): string | undefined {
  const text = entry?.server ?? entry?.upstream;
  if (typeof text !== 'string' || text === '' || text === '-' || text.startsWith('<')) return undefined;
  return text
    .split(/[,:]\s+/)
    .at(-1)
    ?.trim();
}

/** Sends so many requests, one after another. @returns how many each server answered. @throws Broken for one that is not good */
export async function servedBy(
  world: Pick<World, 'running' | 'random' | 'probes'>,
  balancer: Balancer,
  requests: number,
): Promise<Map<string, number>> {
  const marked = new MarkedRequests(world, balancer);
  for (let request = 0; request < requests; request++) {
    const response = await marked.read(world.probes);
    expect(world.probes.isRead(response), describe(response));
  }
  return counts(await marked.servers());
}

/**
 * Waits until so many copies serve, and no more. @returns how many requests each of them answered, and the milliseconds it took
 * @throws Broken after `withinMs`, naming those that do
 */
export function untilServing(
  world: Pick<World, 'running' | 'random' | 'probes'>,
  balancer: Balancer,
  copies: number,
  withinMs: number,
): Promise<{ value: Map<string, number>; ms: number }> {
  return eventually(`a turn for each of ${copies} copies`, withinMs, async () => {
    const byServer = await servedBy(world, balancer, copies * 4);
    if (byServer.size === copies) return byServer;
    throw new Broken(`${copies * 4} requests reached ${byServer.size} of them: ${shares(byServer)}`);
  });
}

/** How many requests each server answered. */
export function counts(servers: readonly (string | undefined)[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const server of servers) {
    if (server !== undefined) result.set(server, (result.get(server) ?? 0) + 1);
  }
  return result;
}

/** `app1 100, app2 100, app3 99` */
export function shares(byServer: ReadonlyMap<string, number>): string {
  return [...byServer]
    .sort()
    .map(([server, count]) => `${server} ${count}`)
    .join(', ');
}
