/** Who served which request, as the balancer's own access log tells it. */
import type { Running } from '../../engines/engine.ts';
import { eventually, expect, sleep } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { describe, type HttpResponse } from '../http/client.ts';
import { newMark } from '../http/mark.ts';
import type { Probes } from '../http/probes.ts';
import { Broken } from '../outcome.ts';
import type { Balancer } from './nodes.ts';

interface LogLine {
  readonly server?: unknown;
  readonly retries?: unknown;
  readonly upstream?: unknown;
  readonly requestId?: unknown;
}

/** What the log says about one request. */
export interface Logged {
  /** Who was asked, as far as the log names them: the one that answered last. */
  readonly servers: readonly string[];
  /** How often it was sent again after the first time. */
  readonly again: number;
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
    return send({ 'x-request-id': markedId(this.#mark, this.#sent++) });
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
    return (await this.logged()).map(each => each?.servers.at(-1));
  }

  /**
   * What the log says about each request, in the order of sending; `undefined` for one that it does not have.
   * @throws Broken if the log has nothing at all of these requests
   */
  async logged(): Promise<(Logged | undefined)[]> {
    const started = performance.now();
    for (;;) {
      const found = loggedUnder(this.#mark, await this.#running.logs(this.#balancer.node));
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
}

/** The id of request number `index` of those that bear a mark. */
export function markedId(mark: string, index: number): string {
  return `${mark}-${index}`;
}

/** What a proxy's log says about the requests that bear a mark, by their number. */
export function loggedUnder(mark: string, lines: readonly string[]): Map<number, Logged> {
  const found = new Map<number, Logged>();
  for (const line of lines) {
    if (!line.includes(mark)) continue;
    const entry = parsed(line);
    const index = Number(String(entry?.requestId ?? '').slice(mark.length + 1));
    if (!entry || !Number.isInteger(index)) continue;
    const earlier = found.get(index);
    const servers = serversOf(entry);
    // A proxy in front that sends a request again makes another line of it.
    const again = (earlier ? earlier.again + 1 : 0) + retriesOf(entry, servers);
    found.set(index, { servers: [...(earlier?.servers ?? []), ...servers], again });
  }
  return found;
}

function parsed(line: string): LogLine | undefined {
  try {
    return JSON.parse(line.slice(line.indexOf('{'))) as LogLine;
  } catch {
    return undefined;
  }
}

/** nginx names every server it tried, the one that answered last; HAProxy names that one alone, and `<NOSRV>` for none. */
function serversOf({ server, upstream }: LogLine): string[] {
  const text = server ?? upstream;
  if (typeof text !== 'string') return [];
  return text
    .split(/\s*,\s*|\s+:\s+/)
    .map(name => name.trim())
    .filter(name => name !== '' && name !== '-' && !name.startsWith('<'));
}

/** HAProxy counts them, with a `+` before the number where the last one went to another server; nginx names each server. */
function retriesOf({ retries }: LogLine, servers: readonly string[]): number {
  if (retries === undefined) return Math.max(0, servers.length - 1);
  const count = Number.parseInt(String(retries), 10);
  return Number.isInteger(count) ? count : 0;
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
