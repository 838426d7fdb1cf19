/** Answers → blueprint. One function a kind of node; the stage only decides which of them are there. */
import { type Answers, maxConnections, RELAY_CONNECTIONS, SERVICE_POOL_MAX } from '../journey/options.ts';
import {
  type PoolBudget,
  type PoolDemand,
  poolBudget,
  requireBudget,
  SURGE,
} from '../journey/pool-budget.ts';
import { reaches } from '../journey/stages.ts';
import { TIMEOUTS } from '../journey/timeouts.ts';
import { IMAGES } from '../journey/versions.ts';
import type {
  Blueprint,
  BlueprintNode,
  DatabaseSpec,
  EnvEntry,
  FrontDoor,
  HaproxyNode,
  JobNode,
  NginxNode,
  PostgresNode,
  ProgramNode,
  ProgramSpec,
  SecretSpec,
} from './blueprint.ts';
import { servicePrograms, serviceSecrets } from './services.ts';

/** What programs listen on in their containers. */
export const PROGRAM_PORT = 3000;
const POSTGRES_PORT = 5432;
const PROXY_PORT = 8080;
const TLS_PORT = 8443;
const SMTP_PORT = 1025;

/** Proxies reach programs from private addresses; what they say about the client is believed, and nobody else. */
const TRUSTED_PROXIES = '127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16';

const PROGRAM_LIMITS = { cpus: '1.0', memory: '256M', pids: 64 };
const JOB_LIMITS = { cpus: '0.5', memory: '256M', pids: 64 };
const PROXY_LIMITS = { cpus: '0.5', memory: '128M', pids: 64 };
const POSTGRES_LIMITS = { cpus: '1.0', memory: '512M', pids: 300 };

/**
 * What runs for these answers.
 * @throws UsageError when the pools together would ask for more connections than the database takes
 */
export function buildBlueprint(answers: Answers): Blueprint {
  const budget = projectPoolBudget(answers);
  if (budget) requireBudget(budget);
  const databases = databasesOf(answers);
  return {
    stage: answers.stage,
    project: answers.name,
    nodes: nodesOf(answers, databases),
    frontDoor: frontDoorOf(answers),
    databases,
    secrets: secretsOf(answers, databases),
  };
}

/** The connections that the project's programs may open, or undefined before there is a pool. */
export function projectPoolBudget(answers: Answers): PoolBudget | undefined {
  if (answers.poolMax === undefined) return undefined;
  const main: PoolDemand = {
    program: mainProgram(answers),
    replicas: answers.replicas ?? 1,
    poolMax: answers.poolMax,
    extra: isSplit(answers) ? RELAY_CONNECTIONS : 0,
  };
  const services = (answers.services ?? []).map(program => ({
    program,
    replicas: 1,
    poolMax: SERVICE_POOL_MAX,
    extra: RELAY_CONNECTIONS,
  }));
  return poolBudget(maxConnections(answers.stage), [main, ...services]);
}

/** The node that the front page of the shop lives in: the whole app, or what is left of it once services moved out. */
export function mainProgram(answers: Answers): string {
  return isSplit(answers) ? 'shop' : 'app';
}

function isSplit(answers: Answers): boolean {
  return reaches(answers.stage, 'microservices');
}

function nodesOf(answers: Answers, databases: readonly DatabaseSpec[]): BlueprintNode[] {
  const has = (stage: Parameters<typeof reaches>[1]) => reaches(answers.stage, stage);
  const nodes: BlueprintNode[] = [];
  if (has('database')) nodes.push(postgres(answers));
  if (isSplit(answers)) {
    if (answers.services?.includes('receipts')) nodes.push(mailServer());
    nodes.push(
      ...databases.map(database =>
        migrateJob(database, `migrate-${database.name}`, `services/${database.name}`),
      ),
    );
    nodes.push(...servicePrograms(answers, service => program(answers, service)));
  } else {
    nodes.push(...databases.map(database => migrateJob(database, 'migrate', '.')));
    nodes.push(
      program(answers, {
        name: 'app',
        folder: '.',
        replicas: answers.replicas ?? 1,
        env: [],
        secrets: [],
        caption: 'the shop, all of it',
      }),
    );
  }
  if (has('balancer') && (!has('nginx') || answers.balancer === 'haproxy')) nodes.push(haproxy(answers));
  if (has('nginx')) nodes.push(nginx(answers));
  return nodes;
}

function postgres(answers: Answers): PostgresNode {
  return {
    kind: 'postgres',
    name: 'db',
    image: IMAGES.postgres,
    networks: ['data'],
    needs: [],
    secrets: ['db_admin_password'],
    env: [],
    port: POSTGRES_PORT,
    limits: POSTGRES_LIMITS,
    caption: isSplit(answers) ? 'PostgreSQL, a database for each service' : 'PostgreSQL',
    maxConnections: maxConnections(answers.stage),
  };
}

function migrateJob(database: DatabaseSpec, name: string, folder: string): JobNode {
  const seedsDemo = database.name === 'shop';
  return {
    kind: 'job',
    name,
    image: IMAGES.node,
    folder,
    entry: 'dist/migrate.js',
    database: database.name,
    networks: ['data'],
    needs: [{ node: 'db', condition: 'healthy' }],
    secrets: [
      'db_admin_password',
      database.ownerSecret,
      database.appSecret,
      ...(seedsDemo ? ['demo_password'] : []),
    ],
    env: [
      ...connectionEnv(database, database.ownerRole, database.ownerSecret),
      { key: 'ADMIN_USER', value: 'postgres' },
      { key: 'ADMIN_PASSWORD_FILE', secretFile: 'db_admin_password' },
      { key: 'APP_ROLE', value: database.appRole },
      { key: 'APP_PASSWORD_FILE', secretFile: database.appSecret },
      ...(seedsDemo ? [{ key: 'DEMO_PASSWORD_FILE', secretFile: 'demo_password' }] : []),
    ],
    port: PROGRAM_PORT,
    limits: JOB_LIMITS,
    caption: 'brings the database up to date, then ends',
  };
}

function connectionEnv(database: DatabaseSpec, role: string, secret: string): EnvEntry[] {
  return [
    { key: 'PGHOST', hostOf: 'db' },
    { key: 'PGPORT', portOf: 'db' },
    { key: 'PGDATABASE', value: database.name },
    { key: 'PGUSER', value: role },
    { key: 'PGPASSWORD_FILE', secretFile: secret },
  ];
}

function program(answers: Answers, spec: ProgramSpec): ProgramNode {
  const database = databasesOf(answers).find(({ name }) => name === databaseOf(answers, spec.name));
  const isPublished = !reaches(answers.stage, 'balancer');
  const keepsDemo = !database && !reaches(answers.stage, 'database');
  return {
    kind: 'program',
    name: spec.name,
    image: IMAGES.node,
    folder: spec.folder,
    replicas: spec.replicas,
    database: database?.name ?? '',
    healthPath: '/readyz',
    livePath: '/livez',
    build: ['npm', 'run', 'build'],
    start: ['node', '--enable-source-maps', 'dist/server.js'],
    networks: [
      isPublished ? 'edge' : 'app',
      ...(database ? (['data'] as const) : []),
      ...(spec.reachesMail ? (['mail'] as const) : []),
    ],
    needs: database
      ? [
          { node: 'db', condition: 'healthy' },
          { node: isSplit(answers) ? `migrate-${spec.name}` : 'migrate', condition: 'completed' },
        ]
      : [],
    secrets: [
      ...(database ? [database.appSecret] : []),
      ...(keepsDemo ? ['demo_password'] : []),
      ...spec.secrets,
    ],
    env: [
      { key: 'HOST', value: '0.0.0.0' },
      { key: 'PORT', value: String(PROGRAM_PORT) },
      ...(spec.isPublic === false ? [] : publicEnv(answers)),
      { key: 'LOG_LEVEL', value: 'info' },
      { key: 'DRAIN_SECONDS', value: String(reaches(answers.stage, 'balancer') ? TIMEOUTS.drain : 0) },
      ...(keepsDemo ? [{ key: 'DEMO_PASSWORD_FILE', secretFile: 'demo_password' }] : []),
      ...(database ? connectionEnv(database, database.appRole, database.appSecret) : []),
      ...poolEnv(answers, spec),
      ...spec.env,
    ],
    port: PROGRAM_PORT,
    limits: PROGRAM_LIMITS,
    caption: spec.caption,
  };
}

function databaseOf(answers: Answers, programName: string): string {
  return isSplit(answers) ? programName : 'shop';
}

function publicEnv(answers: Answers): EnvEntry[] {
  const isTls = reaches(answers.stage, 'nginx');
  return [
    { key: 'BASE_PATH', value: isTls ? '/api' : '' },
    { key: 'TRUST_PROXY', value: reaches(answers.stage, 'balancer') ? TRUSTED_PROXIES : '' },
    { key: 'COOKIE_SECURE', value: String(isTls) },
  ];
}

function poolEnv(answers: Answers, spec: ProgramSpec): EnvEntry[] {
  if (answers.poolMax === undefined) return [];
  const isMain = spec.name === mainProgram(answers);
  return [
    { key: 'POOL_MAX', value: String(isMain ? answers.poolMax : SERVICE_POOL_MAX) },
    { key: 'POOL_PROCESSES', value: String(spec.replicas + SURGE) },
  ];
}

function haproxy(answers: Answers): HaproxyNode {
  const isFrontDoor = !reaches(answers.stage, 'nginx');
  return {
    kind: 'haproxy',
    name: 'haproxy',
    image: IMAGES.haproxy,
    networks: isFrontDoor ? ['edge', 'app'] : ['app'],
    needs: [{ node: mainProgram(answers), condition: 'healthy' }],
    secrets: [],
    env: [],
    port: PROXY_PORT,
    limits: PROXY_LIMITS,
    caption: 'HAProxy: spreads requests, checks health',
    strategy: answers.strategy ?? 'round-robin',
    balances: mainProgram(answers),
  };
}

function nginx(answers: Answers): NginxNode {
  const main = answers.balancer === 'haproxy' ? 'haproxy' : mainProgram(answers);
  const strategy = answers.strategy ?? 'round-robin';
  const services = (answers.services ?? []).filter(name => name === 'orders' || name === 'search');
  return {
    kind: 'nginx',
    name: 'nginx',
    image: IMAGES.nginx,
    networks: ['edge', 'app'],
    needs: [main, ...services].map(node => ({ node, condition: 'healthy' as const })),
    secrets: ['tls_crt', 'tls_key'],
    env: [],
    port: PROXY_PORT,
    limits: PROXY_LIMITS,
    caption: 'nginx: TLS, files, routing',
    domain: answers.domain ?? 'localhost',
    tlsPort: TLS_PORT,
    upstreams: [
      { name: 'app_servers', node: main, strategy },
      ...services.map(name => ({ name: `${name}_servers`, node: name, strategy })),
    ],
    routes: [
      ...services.map(name => ({ prefix: `/${name}`, upstream: `${name}_servers` })),
      { prefix: '', upstream: 'app_servers' },
    ],
  };
}

function mailServer(): BlueprintNode {
  return {
    kind: 'mail',
    name: 'mail',
    image: IMAGES.mail,
    networks: ['mail'],
    needs: [],
    secrets: [],
    env: [],
    port: SMTP_PORT,
    limits: PROXY_LIMITS,
    caption: 'a mailbox for development',
  };
}

function frontDoorOf(answers: Answers): FrontDoor {
  const isTls = reaches(answers.stage, 'nginx');
  return {
    node: isTls ? 'nginx' : reaches(answers.stage, 'balancer') ? 'haproxy' : 'app',
    scheme: isTls ? 'https' : 'http',
    publishedPort: answers.port,
    redirectPort: isTls ? redirectPort(answers.port) : undefined,
    basePath: isTls ? '/api' : '',
    domain: answers.domain ?? 'localhost',
  };
}

/** The plain-HTTP port that belongs to an HTTPS port: the usual pairs, otherwise the next port. */
function redirectPort(port: number): number {
  const pairs: Readonly<Record<number, number>> = { 443: 80, 8443: 8080, 65535: 65_534 };
  return pairs[port] ?? port + 1;
}

function databasesOf(answers: Answers): DatabaseSpec[] {
  if (!reaches(answers.stage, 'database')) return [];
  if (!isSplit(answers)) {
    return [
      {
        name: 'shop',
        ownerRole: 'shop_owner',
        appRole: 'shop_app',
        ownerSecret: 'db_owner_password',
        appSecret: 'db_app_password',
      },
    ];
  }
  return ['shop', ...(answers.services ?? [])].map(name => ({
    name,
    ownerRole: `${name}_owner`,
    appRole: `${name}_app`,
    ownerSecret: `db_${name}_owner_password`,
    appSecret: `db_${name}_app_password`,
  }));
}

function secretsOf(answers: Answers, databases: readonly DatabaseSpec[]): SecretSpec[] {
  const random = (name: string, purpose: string): SecretSpec => ({ name, purpose, kind: 'random' });
  return [
    random('demo_password', 'the password of demo@shop.example'),
    ...(databases.length > 0
      ? [random('db_admin_password', 'PostgreSQL superuser: makes databases and roles')]
      : []),
    ...databases.flatMap(database => [
      random(database.ownerSecret, `${database.ownerRole}: owns and migrates the ${database.name} database`),
      random(database.appSecret, `${database.appRole}: reads and writes rows in ${database.name}`),
    ]),
    ...serviceSecrets(answers),
    ...(reaches(answers.stage, 'nginx')
      ? [
          { name: 'tls_crt', purpose: 'certificate that nginx shows', kind: 'tls-certificate' as const },
          { name: 'tls_key', purpose: 'its private key', kind: 'tls-key' as const },
        ]
      : []),
  ];
}
