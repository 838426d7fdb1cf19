/** Whether this machine has the programs that a blueprint needs, and where. */
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { ALL_PIECES, PIECES } from '../../pieces/index.ts';
import type { Tool } from '../../pieces/tool.ts';
import type { Availability } from '../engine.ts';
import type { Tools } from './context.ts';

/** What is installed here. What is missing may yet be available: see `Tool.fetched`. */
export async function installedTools(): Promise<Tools> {
  const found = ALL_PIECES.map(async ({ kind, server }) => [kind, await server?.find()] as const);
  return Object.fromEntries(await Promise.all(found));
}

/** Whether everything that `blueprint` needs is here or can be fetched. */
export async function availability(blueprint: Blueprint, tools: Tools): Promise<Availability> {
  const missing = await missingTools(blueprint, tools);
  if (missing.length === 0) return { available: true };
  const names = missing.map(({ name }) => name).join(', ');
  return { available: false, reason: `not installed: ${names}`, hint: await installCommand(missing) };
}

async function missingTools({ nodes }: Blueprint, tools: Tools): Promise<Tool[]> {
  const kinds = [...new Set(nodes.map(({ kind }) => kind))];
  const missing: Tool[] = [];
  for (const kind of kinds) {
    const { server } = PIECES[kind];
    if (server && !tools[kind] && !(await server.fetched?.isPossible())) missing.push(server);
  }
  for (const helper of kinds.flatMap(kind => PIECES[kind].helpers ?? []))
    if (!(await helper.find())) missing.push(helper);
  return missing;
}

async function installCommand(missing: readonly Tool[]): Promise<string> {
  if (process.platform === 'win32') return 'use --engine docker, or run the tool inside WSL';
  const [first] = missing;
  if (missing.length === 1 && first?.fetched) return first.fetched.installHint();
  const names = missing.map(({ name }) => name).join(' ');
  return process.platform === 'darwin' ? `brew install ${names}` : `apt-get install -y ${names}`;
}
