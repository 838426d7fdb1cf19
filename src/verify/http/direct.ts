/** One copy of a program, asked past every proxy. */
import type { ProgramNode } from '../../blueprint/blueprint.ts';
import type { World } from '../guarantee.ts';
import { basePathOf } from '../system/nodes.ts';
import { HttpClient } from './client.ts';

/** A client for one copy, or undefined where the engine keeps it out of reach. The caller closes it. */
export function directTo(
  { running }: Pick<World, 'running'>,
  program: ProgramNode,
  copy = 0,
): HttpClient | undefined {
  const isDoor = running.blueprint.frontDoor.node === program.name;
  const address = running.address(program.name, copy) ?? (isDoor ? running.frontDoor : undefined);
  return address && HttpClient.direct(address, basePathOf(program));
}
