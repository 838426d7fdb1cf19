/** Which parts of a blueprint a check has to do with, told by what they serve rather than by their names. */
import {
  type Blueprint,
  type BlueprintNode,
  copyCount,
  nodesOfKind,
  type PostgresNode,
  type ProgramNode,
} from '../../blueprint/blueprint.ts';
import type { Running } from '../../engines/engine.ts';
import type { Strategy } from '../../journey/options.ts';
import { RELAY_CONNECTIONS } from '../../journey/pool-budget.ts';
import { reaches } from '../../journey/stages.ts';
import { pieceOf } from '../../pieces/index.ts';
import type { World } from '../guarantee.ts';
import { NotVerifiable } from '../outcome.ts';

export interface ProgramCopy {
  readonly program: ProgramNode;
  readonly copy: number;
}

export interface Balancer {
  /** The node that chooses a copy for each request. */
  readonly node: string;
  readonly program: ProgramNode;
  readonly strategy: Strategy;
}

export function programs(blueprint: Blueprint): ProgramNode[] {
  return nodesOfKind(blueprint, 'program');
}

/** The program that `stage.yaml` names. @throws NotVerifiable if the project has none of that name */
export function programNamed(blueprint: Blueprint, name: string): ProgramNode {
  const found = programs(blueprint).find(program => program.name === name);
  if (found) return found;
  throw new NotVerifiable(`stage.yaml names a program ${name}, which this project does not have`, 'probe');
}

/** Every copy of every program, or of one. */
export function copiesOf(target: Blueprint | ProgramNode): ProgramCopy[] {
  const list = 'kind' in target ? [target] : programs(target);
  return list.flatMap(program => Array.from({ length: program.replicas }, (_, copy) => ({ program, copy })));
}

/** The program that answers a path of the API, such as `/things/1?part=2`. */
export function programServing(blueprint: Blueprint, path: string): ProgramNode {
  const all = programs(blueprint);
  const routes = nodesOfKind(blueprint, 'nginx').flatMap(nginx =>
    nginx.routes.map(route => ({
      ...route,
      node: nginx.upstreams.find(upstream => upstream.name === route.upstream)?.node,
    })),
  );
  const [pathname = ''] = path.split('?');
  const [route] = routes
    .filter(({ prefix }) => prefix === '' || pathname === prefix || pathname.startsWith(`${prefix}/`))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  const haproxy = nodesOfKind(blueprint, 'haproxy').find(
    each => route?.node === undefined || each.name === route.node,
  );
  const name = haproxy?.balances ?? route?.node ?? blueprint.frontDoor.node;
  const found = all.find(program => program.name === name) ?? all[0];
  if (!found) throw new NotVerifiable('the blueprint has no program');
  return found;
}

/** The programs that answer the probes. */
export function programsAsked({ blueprint, probes }: Pick<World, 'blueprint' | 'probes'>): ProgramNode[] {
  const { read, write, logins } = probes.facts.probes;
  const paths = [read?.get, write?.path, ...Object.values(logins).map(({ path }) => path)];
  const asked = paths.flatMap(path => (path === undefined ? [] : [programServing(blueprint, path)]));
  return [...new Set(asked)];
}

/** Who spreads requests over which program's copies, if anyone does: what the front door has no other route for. */
export function balancerOf(blueprint: Blueprint): Balancer | undefined {
  const program = programServing(blueprint, '');
  const haproxy = nodesOfKind(blueprint, 'haproxy').find(each => each.balances === program.name);
  if (haproxy) return { node: haproxy.name, program, strategy: haproxy.strategy };
  for (const nginx of nodesOfKind(blueprint, 'nginx')) {
    const upstream = nginx.upstreams.find(each => each.node === program.name);
    if (upstream) return { node: nginx.name, program, strategy: upstream.strategy };
  }
  return undefined;
}

/** The balancer, for checks that apply only where there is one. @throws NotVerifiable if there is none. */
export function balancerIn(blueprint: Blueprint): Balancer {
  const found = balancerOf(blueprint);
  if (!found) throw new NotVerifiable('nothing balances here');
  return found;
}

/** Whether a balancer asks the copies itself how they are: nginx learns only from the requests of others. */
export function isActivelyChecked(blueprint: Blueprint, node: string): boolean {
  return nodesOfKind(blueprint, 'haproxy').some(({ name }) => name === node);
}

/** The literal value of an environment variable of a node, if the blueprint has one. */
export function envValue(node: BlueprintNode, key: string): string | undefined {
  const entry = node.env.find(each => each.key === key);
  return entry && 'value' in entry ? entry.value : undefined;
}

/** The paths at which a program tells how it is: that it lives, where it says so, and that it is ready. */
export function healthPathsOf(program: ProgramNode): string[] {
  return [...new Set([...(program.livePath === undefined ? [] : [program.livePath]), program.healthPath])];
}

/** The base path that a program itself expects. */
export function basePathOf(program: ProgramNode): string {
  return envValue(program, 'BASE_PATH') ?? '';
}

export function postgresOf(blueprint: Blueprint): PostgresNode {
  const [postgres] = nodesOfKind(blueprint, 'postgres');
  if (!postgres) throw new NotVerifiable('the blueprint has no PostgreSQL');
  return postgres;
}

/** Whether a balancer has more than one copy to choose from. */
export function hasCopies(balancer: Balancer | undefined): boolean {
  return (balancer?.program.replicas ?? 0) > 1;
}

/** The database that holds a table, named with its schema. */
export async function databaseHolding(running: Running, table: string): Promise<string> {
  for (const { name } of running.blueprint.databases) {
    const rows = await running.sql<{ found: boolean }>(name, 'select to_regclass($1) is not null as found', {
      values: [table],
      as: 'admin',
    });
    if (rows[0]?.found) return name;
  }
  throw new NotVerifiable(`no database of this project has a table ${table}`);
}

/**
 * What all programs that use a database may hold together, in connections of its application role.
 * @throws NotVerifiable if the blueprint does not say
 */
export function poolBound(blueprint: Blueprint, database: string): { role: string; bound: number } {
  const role = blueprint.databases.find(each => each.name === database)?.appRole;
  // Programs that deliver messages hold connections for that beside their pool.
  const beside = reaches(blueprint.stage, 'microservices') ? RELAY_CONNECTIONS : 0;
  const bounds = programs(blueprint)
    .filter(program => program.database === database)
    .map(program => (Number(envValue(program, 'POOL_MAX') ?? Number.NaN) + beside) * program.replicas);
  const bound = bounds.reduce((sum, each) => sum + each, 0);
  if (!role || !Number.isInteger(bound) || bound < 1) {
    throw new NotVerifiable(`the blueprint gives no POOL_MAX for the database ${database}`);
  }
  return { role, bound };
}

/** Kills copies at the same moment. */
export async function killAll(running: Running, copies: readonly ProgramCopy[]): Promise<void> {
  await Promise.all(copies.map(({ program, copy }) => running.kill(program.name, copy)));
}

/** Starts whichever of the copies are down, and waits until they are healthy. */
export async function startAll(running: Running, copies: readonly ProgramCopy[]): Promise<void> {
  await Promise.all(
    copies.map(async ({ program, copy }) => {
      if ((await running.pid(program.name, copy)) === undefined) await running.start(program.name, copy);
    }),
  );
}

/** Every copy of every node that stays running, as `name copy` pairs. */
export function everyCopy(blueprint: Blueprint): { node: string; copy: number }[] {
  return blueprint.nodes.flatMap(node => {
    if (!pieceOf(node).keepsRunning) return [];
    return Array.from({ length: copyCount(node) }, (_, copy) => ({ node: node.name, copy }));
  });
}
