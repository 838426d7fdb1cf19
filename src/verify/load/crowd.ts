/**
 * Clients that the front door takes for different people, so that its limit for one address (nginx stage on) does not bound a drill's
 * load. Where they all come from one address in its eyes, as behind Docker's port, there is one client, which keeps to the limit.
 */
import { nodesOfKind } from '../../blueprint/blueprint.ts';
import { sleep } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { HttpClient } from '../http/client.ts';
import { newMark } from '../http/mark.ts';
import { CONNECTIONS, PER_SECOND } from '../http/pace.ts';
import type { Probes } from '../http/probes.ts';

/** Together they may send more than two cores answer. */
const ADDRESSES = Array.from({ length: 30 }, (_, index) => `127.0.0.${index + 2}`);
const LOGGED_WITHIN_MS = 1_000;
/** The rest of an address's limit is for what a check asks beside its load. */
const SHARE_OF_LIMIT = 0.85;

export class Crowd {
  readonly #clients: readonly HttpClient[];
  readonly #members: readonly Probes[];
  readonly #isLimited: boolean;

  private constructor(clients: readonly HttpClient[], probes: Probes, isLimited: boolean) {
    this.#clients = clients;
    this.#isLimited = isLimited;
    this.#members = clients.map(client => probes.through(client));
  }

  /** @param certificate what the clients trust, where that is more than the project's own */
  static async gather(
    world: Pick<World, 'running' | 'probes' | 'random'>,
    certificate?: string,
  ): Promise<Crowd> {
    const { running, probes } = world;
    const [nginx] = nodesOfKind(running.blueprint, 'nginx');
    const isTold = nginx !== undefined && (await elsewhere(world, nginx.name)) !== undefined;
    return new Crowd(
      isTold
        ? ADDRESSES.map(address => HttpClient.frontDoor(running, address, certificate))
        : [HttpClient.frontDoor(running, undefined, certificate)],
      probes,
      nginx !== undefined,
    );
  }

  /** How many addresses the front door tells apart. */
  get addresses(): number {
    return this.#clients.length;
  }

  /** How many requests the front door lets in at most: a second, and at once. */
  get allowed(): { readonly perSecond: number; readonly atOnce: number } {
    if (!this.#isLimited) return { perSecond: Number.POSITIVE_INFINITY, atOnce: Number.POSITIVE_INFINITY };
    return {
      perSecond: this.addresses * PER_SECOND * SHARE_OF_LIMIT,
      atOnce: this.addresses * CONNECTIONS,
    };
  }

  /** The client whose turn request number `index` is. */
  at(index: number): Probes {
    const member = this.#members[index % this.#members.length];
    if (!member) throw new Error('a crowd has at least one client');
    return member;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}

/** An address to come from that nginx's log shows as such, so that what is done there is not held against others; if there is one. */
export async function elsewhere(
  { running, random }: Pick<World, 'running' | 'random'>,
  nginx: string,
): Promise<string | undefined> {
  const [address = ''] = ADDRESSES;
  const client = HttpClient.frontDoor(running, address);
  const id = newMark(random);
  try {
    await client.get('/', { headers: { 'x-request-id': id } });
    const until = performance.now() + LOGGED_WITHIN_MS;
    while (performance.now() < until) {
      const line = (await running.logs(nginx)).find(each => each.includes(id));
      if (line) return line.includes(`"client":"${address}"`) ? address : undefined;
      await sleep(50);
    }
    return undefined;
  } catch {
    // Not every system has more than one loopback address.
    return undefined;
  } finally {
    client.close();
  }
}
