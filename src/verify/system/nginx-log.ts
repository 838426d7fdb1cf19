/** What nginx's log says about one request. */
import { eventually } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { NotPromised } from '../outcome.ts';

const LOGGED_WITHIN_MS = 2_000;

/** @returns the first line with the request's id. @throws TooLate if there is none soon */
export async function lineAbout({ running, blueprint }: World, id: string): Promise<string> {
  const { value } = await eventually(
    `a line about the request ${id} in the log`,
    LOGGED_WITHIN_MS,
    async () => (await running.logs(blueprint.frontDoor.node)).find(line => line.includes(id)),
  );
  return value;
}

/**
 * @returns the addresses that nginx sent the request on to, in their order; none where it answered by itself
 * @throws NotPromised if its log does not tell
 */
export async function sentOnTo(world: World, id: string): Promise<string[]> {
  const upstream = upstreamIn(await lineAbout(world, id));
  if (upstream === undefined)
    throw new NotPromised("nginx's log does not tell where it sent a request on to");
  return upstream.split(/[,:]\s+/).filter(address => address !== '' && address !== '-');
}

function upstreamIn(line: string): string | undefined {
  try {
    const { upstream } = JSON.parse(line.slice(line.indexOf('{'))) as { upstream?: unknown };
    return typeof upstream === 'string' ? upstream : undefined;
  } catch {
    return undefined;
  }
}
