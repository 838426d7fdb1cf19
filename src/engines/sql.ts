/** One statement on one connection of its own, so that no state is left between two of a guarantee's questions. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { EngineError } from '../errors.ts';
import type { Endpoint } from './engine.ts';

export interface Login extends Endpoint {
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** The superuser's name, as in the official image. */
export const ADMIN_USER = 'postgres';
export const ADMIN_SECRET = 'db_admin_password';

const CONNECT_TIMEOUT_S = 5;

/** @throws the driver's error, with its SQLSTATE in `code`. */
export async function runSql<Row>(
  login: Login,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { default: postgres } = await import('postgres');
  const connection = postgres({
    ...login,
    ssl: false,
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_S,
    connection: { application_name: 'create-backend-stage' },
    // A server that is taken down under an open connection is this engine's ordinary business.
    onnotice: () => undefined,
  });
  try {
    const query = connection.unsafe<Row[] & object[]>(text, [...values] as string[]);
    // Without values it may be several statements, which only the simple protocol takes.
    return [...(values.length === 0 ? await query.simple() : await query)];
  } finally {
    await connection.end({ timeout: 1 }).catch(() => undefined);
  }
}

/** The role that `as` stands for in a database, and the name of the secret with its password. @throws EngineError */
export function roleOf(
  blueprint: Blueprint,
  database: string,
  as: 'admin' | 'owner' | 'app',
): { user: string; secret: string } {
  if (as === 'admin') return { user: ADMIN_USER, secret: ADMIN_SECRET };
  // None for a database that belongs to no program, such as `postgres`: only the superuser goes there.
  const found = blueprint.databases.find(({ name }) => name === database);
  if (!found) throw new EngineError('that database has no owner and no application role');
  return as === 'owner'
    ? { user: found.ownerRole, secret: found.ownerSecret }
    : { user: found.appRole, secret: found.appSecret };
}

/** The node whose server the programs of this database reach. @throws EngineError where there is none */
export function serverOf(blueprint: Blueprint, database: string): string {
  const servers = blueprint.nodes.filter(({ kind }) => kind === 'postgres').map(({ name }) => name);
  const client = blueprint.nodes.find(node => 'database' in node && node.database === database);
  const named = client?.env
    .flatMap(entry => ('hostOf' in entry ? [entry.hostOf] : []))
    .find(name => servers.includes(name));
  const server = named ?? servers[0];
  if (server === undefined) throw new EngineError('this stage has no PostgreSQL');
  return server;
}
