/** PostgreSQL: one server, with all databases of the project. */
import type { DatabaseSpec, EnvEntry, PostgresNode, SecretSpec } from '../blueprint/blueprint.ts';
import { maxConnections, SURGE } from '../journey/pool-budget.ts';
import { IMAGES } from '../journey/versions.ts';
import type { PoolSpec } from '../samples/sample.ts';
import type { Piece } from './piece.ts';

export const DATABASE_NODE = 'db';

const ADMIN_SECRET: SecretSpec = {
  name: 'db_admin_password',
  purpose: 'PostgreSQL superuser: makes databases and roles',
  kind: 'random',
};

export const postgres: Piece<PostgresNode> = {
  kind: 'postgres',
  nodes: ({ answers, databases }) =>
    databases.length === 0
      ? []
      : [
          {
            kind: 'postgres',
            name: DATABASE_NODE,
            image: IMAGES.postgres,
            networks: ['data'],
            needs: [],
            secrets: [ADMIN_SECRET.name],
            env: [],
            port: 5432,
            limits: { cpus: '1.0', memory: '512M', pids: 300 },
            caption: databases.length > 1 ? 'PostgreSQL, a database for each service' : 'PostgreSQL',
            maxConnections: maxConnections(answers.stage),
          },
        ],
  secrets: ({ databases }) =>
    databases.length === 0 ? [] : [ADMIN_SECRET, ...databases.flatMap(passwordsOf)],
  callees: () => [],
  picture: { column: 4, shape: 'store', label: 'PostgreSQL' },
  keepsRunning: true,
  stopRank: 2,
  server: {
    name: 'postgresql',
    purpose: 'database on',
    find: async () => (await import('../engines/native/find-postgres.ts')).installedPostgres(),
    version: async folder =>
      (await import('../processes/executables.ts')).reportedVersion(`${folder}/postgres`, '-V'),
    fetched: {
      note: 'fetched once, when first needed',
      isPossible: async () => (await import('../engines/native/find-postgres.ts')).canFetchPostgres(),
      fetch: async options =>
        (await import('../engines/native/embedded-postgres.ts')).embeddedPostgres(options),
      installHint: async () => (await import('../engines/native/embedded-postgres.ts')).installHint(),
    },
  },
  native: () => import('../engines/native/postgres.ts'),
};

function passwordsOf({ name, ownerRole, ownerSecret, appRole, appSecret }: DatabaseSpec): SecretSpec[] {
  return [
    {
      name: ownerSecret,
      purpose: `${ownerRole}: owns and migrates the ${name} database`,
      kind: 'random',
    },
    { name: appSecret, purpose: `${appRole}: reads and writes rows in ${name}`, kind: 'random' },
  ];
}

/** How to connect to a database, as the role that owns it or as the programs' own. */
export function connectionEnv(database: DatabaseSpec, as: 'owner' | 'app'): EnvEntry[] {
  return [
    { key: 'PGHOST', hostOf: DATABASE_NODE },
    { key: 'PGPORT', portOf: DATABASE_NODE },
    { key: 'PGDATABASE', value: database.name },
    { key: 'PGUSER', value: as === 'owner' ? database.ownerRole : database.appRole },
    { key: 'PGPASSWORD_FILE', secretFile: as === 'owner' ? database.ownerSecret : database.appSecret },
  ];
}

/** What a migration needs to make the database and the programs' role. */
export function migrationEnv(database: DatabaseSpec): EnvEntry[] {
  return [
    ...connectionEnv(database, 'owner'),
    { key: 'ADMIN_USER', value: 'postgres' },
    { key: 'ADMIN_PASSWORD_FILE', secretFile: ADMIN_SECRET.name },
    { key: 'APP_ROLE', value: database.appRole },
    { key: 'APP_PASSWORD_FILE', secretFile: database.appSecret },
  ];
}

/** Names of the secrets that a migration reads. */
export function migrationSecrets({ ownerSecret, appSecret }: DatabaseSpec): string[] {
  return [ADMIN_SECRET.name, ownerSecret, appSecret];
}

/** How many connections a process may hold, and how many processes there may be at once. */
export function poolEnv({ max }: PoolSpec, replicas: number): EnvEntry[] {
  return [
    { key: 'POOL_MAX', value: String(max) },
    { key: 'POOL_PROCESSES', value: String(replicas + SURGE) },
  ];
}
