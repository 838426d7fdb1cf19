/** An address beyond the host, to see which containers get that far. */
import { lookup } from 'node:dns/promises';
import { execa } from 'execa';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * The npm registry: the images are built from it, so it can be reached. A listener of the tests' own cannot take its place:
 * internal networks do not cut off the host, and Docker keeps containers on different ordinary networks apart as well.
 * Whether an ordinary network leads there is for the caller to make sure of.
 */
export async function outsideAddress(): Promise<Address> {
  const { stdout } = await execa('npm', ['config', 'get', 'registry'], { stderr: 'ignore' });
  const registry = new URL(stdout.trim());
  const { address } = await lookup(registry.hostname, 4);
  return { host: address, port: Number(registry.port || (registry.protocol === 'https:' ? 443 : 80)) };
}
