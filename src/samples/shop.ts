/** The shop: one program until the microservices stage, which makes five of it. */
import type { DatabaseSpec, EnvEntry } from '../blueprint/blueprint.ts';
import type { Answers } from '../journey/options.ts';
import { RELAY_CONNECTIONS, SERVICE_POOL_MAX } from '../journey/pool-budget.ts';
import { SERVICE_NAMES } from '../journey/services.ts';
import { reaches } from '../journey/stages.ts';
import { trustProxyEnv } from '../pieces/haproxy.ts';
import { basePathEnv, secureCookieEnv } from '../pieces/nginx.ts';
import { connectionEnv, poolEnv } from '../pieces/postgres.ts';
import { drainEnv, listenEnv, logEnv } from '../pieces/program.ts';
import type { JobSpec, PoolSpec, ProgramSpec, Sample } from './sample.ts';
import { conversationEnv, conversationKeys, SERVICES, sessionEnv, sessionKeys } from './shop-services.ts';

const DEMO_PASSWORD = 'demo_password';
const DEMO_ENV: readonly EnvEntry[] = [{ key: 'DEMO_PASSWORD_FILE', secretFile: DEMO_PASSWORD }];

export const shop: Sample = {
  name: 'shop',
  mainProgram: answers => (isSplit(answers) ? 'shop' : 'app'),
  programs: answers => (isSplit(answers) ? services(answers) : [app(answers)]),
  databases,
  jobs: answers => databases(answers).map(database => migration(answers, database.name)),
  secrets: () => [{ name: DEMO_PASSWORD, purpose: 'the password of demo@shop.example', kind: 'random' }],
  // The contracts stay: the others can still speak them.
  leftOut: ({ services }) =>
    SERVICE_NAMES.filter(name => services && !services.includes(name)).map(name => `services/${name}/`),
  keys: answers => (isSplit(answers) ? [...sessionKeys(), ...conversationKeys(serviceNames(answers))] : []),
};

function isSplit(answers: Answers): boolean {
  return reaches(answers.stage, 'microservices');
}

function serviceNames(answers: Answers): string[] {
  return ['shop', ...(answers.services ?? [])];
}

/** What is the same in all of its programs. */
const NODE_PROGRAM = {
  build: ['npm', 'run', 'build'],
  start: ['node', '--enable-source-maps', 'dist/server.js'],
  healthPath: '/readyz',
  livePath: '/livez',
};

function app(answers: Answers): ProgramSpec {
  const [database] = databases(answers);
  const replicas = answers.replicas ?? 1;
  const pool = poolOf(answers, answers.poolMax);
  return {
    ...NODE_PROGRAM,
    name: 'app',
    folder: '.',
    replicas,
    caption: 'the shop, all of it',
    ...(database ? { database: database.name } : {}),
    ...(pool ? { pool } : {}),
    routes: [''],
    env: [
      ...listenEnv(),
      ...publicEnv(answers),
      ...logEnv(),
      ...drainEnv(answers),
      ...(database ? connectionEnv(database, 'app') : DEMO_ENV),
      ...(pool ? poolEnv(pool, replicas) : []),
    ],
  };
}

function services(answers: Answers): ProgramSpec[] {
  const names = serviceNames(answers);
  return databases(answers).map((database): ProgramSpec => {
    const { name } = database;
    const facts = SERVICES[name];
    if (!facts) throw new Error(`no facts about the service ${name}`);
    const isMain = name === 'shop';
    const replicas = isMain ? (answers.replicas ?? 1) : 1;
    const pool = poolOf(answers, isMain ? answers.poolMax : SERVICE_POOL_MAX);
    return {
      ...NODE_PROGRAM,
      name,
      folder: `services/${name}`,
      replicas,
      caption: facts.caption,
      database: name,
      ...(pool ? { pool } : {}),
      routes: facts.routes,
      env: [
        ...listenEnv(),
        ...(facts.routes.length > 0 ? publicEnv(answers) : []),
        ...logEnv(),
        ...drainEnv(answers),
        ...connectionEnv(database, 'app'),
        ...(pool ? poolEnv(pool, replicas) : []),
        ...sessionEnv(facts),
        ...facts.env,
        ...conversationEnv(name, names),
      ],
    };
  });
}

function poolOf(answers: Answers, max: number | undefined): PoolSpec | undefined {
  return max === undefined ? undefined : { max, beside: isSplit(answers) ? RELAY_CONNECTIONS : 0 };
}

/** What a program reads that the front door sends requests to. */
function publicEnv(answers: Answers): EnvEntry[] {
  return [...basePathEnv(answers), ...trustProxyEnv(answers), ...secureCookieEnv(answers)];
}

function databases(answers: Answers): DatabaseSpec[] {
  if (!reaches(answers.stage, 'database')) return [];
  if (isSplit(answers)) return serviceNames(answers).map(name => databaseNamed(name, `db_${name}`));
  return [databaseNamed('shop', 'db')];
}

function databaseNamed(name: string, secretPrefix: string): DatabaseSpec {
  return {
    name,
    ownerRole: `${name}_owner`,
    appRole: `${name}_app`,
    ownerSecret: `${secretPrefix}_owner_password`,
    appSecret: `${secretPrefix}_app_password`,
  };
}

function migration(answers: Answers, database: string): JobSpec {
  return {
    name: isSplit(answers) ? `migrate-${database}` : 'migrate',
    folder: isSplit(answers) ? `services/${database}` : '.',
    entry: 'dist/migrate.js',
    database,
    // The customer for demonstrations is a row, where there are rows.
    env: database === 'shop' ? DEMO_ENV : [],
  };
}
