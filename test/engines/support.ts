/** What the engine's tests share: a small project that starts in a moment, and blueprints for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Blueprint,
  BlueprintNode,
  EnvEntry,
  JobNode,
  PostgresNode,
  ProgramNode,
} from '../../src/blueprint/blueprint.ts';

export const PROJECT = fileURLToPath(new URL('../fixtures/engine-project', import.meta.url));

const BASE = {
  image: 'none',
  networks: [],
  secrets: [],
  port: 3000,
  limits: { cpus: '1', memory: '128M', pids: 64 },
  caption: '',
} as const;

const ADDRESS: readonly EnvEntry[] = [
  { key: 'PGHOST', hostOf: 'db' },
  { key: 'PGPORT', portOf: 'db' },
  { key: 'PGDATABASE', value: 'shop' },
];

const DB: PostgresNode = {
  ...BASE,
  kind: 'postgres',
  name: 'db',
  needs: [],
  env: [],
  port: 5432,
  maxConnections: 30,
};

const MIGRATE: JobNode = {
  ...BASE,
  kind: 'job',
  name: 'migrate',
  folder: '.',
  entry: 'migrate.mjs',
  database: 'shop',
  needs: [{ node: 'db', condition: 'healthy' }],
  env: [
    ...ADDRESS,
    { key: 'PGUSER', value: 'shop_owner' },
    { key: 'PGPASSWORD_FILE', secretFile: 'db_owner_password' },
    { key: 'ADMIN_USER', value: 'postgres' },
    { key: 'ADMIN_PASSWORD_FILE', secretFile: 'db_admin_password' },
    { key: 'APP_ROLE', value: 'shop_app' },
    { key: 'APP_PASSWORD_FILE', secretFile: 'db_app_password' },
  ],
};

function app(replicas: number, withDatabase: boolean): ProgramNode {
  const login: EnvEntry[] = [
    ...ADDRESS,
    { key: 'PGUSER', value: 'shop_app' },
    { key: 'PGPASSWORD_FILE', secretFile: 'db_app_password' },
  ];
  return {
    ...BASE,
    kind: 'program',
    name: 'app',
    folder: '.',
    replicas,
    database: withDatabase ? 'shop' : '',
    healthPath: '/readyz',
    livePath: '/livez',
    build: [],
    start: ['node', 'server.mjs'],
    needs: withDatabase
      ? [
          { node: 'db', condition: 'healthy' },
          { node: 'migrate', condition: 'completed' },
        ]
      : [],
    env: [{ key: 'HOST', value: '0.0.0.0' }, { key: 'PORT', value: '3000' }, ...(withDatabase ? login : [])],
  };
}

const MAIL: BlueprintNode = { ...BASE, kind: 'mail', name: 'mail', needs: [], env: [], port: 1025 };

/** A program, and as asked for a database with a migration, and a mailbox. */
export function smallBlueprint({ replicas = 1, database = false, mail = false } = {}): Blueprint {
  return {
    ...shape(),
    nodes: [...(database ? [DB, MIGRATE] : []), ...(mail ? [MAIL] : []), app(replicas, database)],
    databases: database
      ? [
          {
            name: 'shop',
            ownerRole: 'shop_owner',
            appRole: 'shop_app',
            ownerSecret: 'db_owner_password',
            appSecret: 'db_app_password',
          },
        ]
      : [],
  };
}

function shape(): Omit<Blueprint, 'nodes' | 'databases'> {
  return {
    stage: 'pool',
    sample: 'shop',
    project: 'engine-project',
    frontDoor: {
      node: 'app',
      scheme: 'http',
      publishedPort: 3000,
      redirectPort: undefined,
      basePath: '',
      domain: 'localhost',
    },
    secrets: [],
  };
}

/** Programs that work in `folder`, or whose command line or parent's names it: what a run could have left behind. */
export function processesMentioning(text: string): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const command = readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(join('/proc', pid, 'environ'), 'utf8');
        const isZombie = command === '';
        return !isZombie && `${command}\n${environment}`.includes(text) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

/** System V shared memory segments that this process made: PostgreSQL keeps one for each server. */
export function sharedMemoryOf(pid: number | undefined): string[] {
  const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').slice(1);
  return rows.filter(row => Number(row.trim().split(/\s+/)[4]) === pid);
}

export async function getJson(port: number, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  return (await response.json()) as Record<string, unknown>;
}
