/** A Node program of the project. */
import type { EnvEntry, Need, NetworkName, ProgramNode } from '../blueprint/blueprint.ts';
import type { Answers } from '../journey/options.ts';
import { reaches } from '../journey/stages.ts';
import { TIMEOUTS } from '../journey/timeouts.ts';
import { IMAGES } from '../journey/versions.ts';
import type { ProgramSpec } from '../samples/sample.ts';
import { reachesMail } from './mail.ts';
import { type Piece, peersIn, type Recipe, secretsIn } from './piece.ts';
import { DATABASE_NODE } from './postgres.ts';

/** What programs listen on in their containers. */
export const PROGRAM_PORT = 3000;

export const program: Piece<ProgramNode> = {
  kind: 'program',
  nodes: recipe => recipe.programs.map(spec => programNode(recipe, spec)),
  secrets: ({ keys }) => keys,
  callees: ({ env }) => peersIn(env),
  picture: { column: 3, shape: 'card' },
  keepsRunning: true,
  stopRank: 1,
  native: () => import('../engines/native/program.ts'),
};

function programNode(recipe: Recipe, spec: ProgramSpec): ProgramNode {
  return {
    kind: 'program',
    name: spec.name,
    image: IMAGES.node,
    folder: spec.folder,
    replicas: spec.replicas,
    database: spec.database ?? '',
    healthPath: spec.healthPath,
    livePath: spec.livePath,
    build: spec.build,
    start: spec.start,
    networks: networksOf(recipe.answers, spec),
    needs: spec.database === undefined ? [] : needsOf(recipe, spec.database),
    secrets: secretsIn(spec.env),
    env: spec.env,
    port: PROGRAM_PORT,
    limits: { cpus: '1.0', memory: '256M', pids: 64 },
    caption: spec.caption,
  };
}

function networksOf({ stage }: Answers, spec: ProgramSpec): NetworkName[] {
  return [
    reaches(stage, 'balancer') ? 'app' : 'edge',
    ...(spec.database === undefined ? [] : (['data'] as const)),
    ...(reachesMail(spec) ? (['mail'] as const) : []),
  ];
}

/** A database is of use once it answers and has been brought up to date. */
function needsOf({ jobs }: Recipe, database: string): Need[] {
  const migrations = jobs.filter(job => job.database === database);
  return [
    { node: DATABASE_NODE, condition: 'healthy' },
    ...migrations.map(({ name }): Need => ({ node: name, condition: 'completed' })),
  ];
}

/** Where a program listens. */
export function listenEnv(): EnvEntry[] {
  return [
    { key: 'HOST', value: '0.0.0.0' },
    { key: 'PORT', value: String(PROGRAM_PORT) },
  ];
}

/** How much a program tells. */
export function logEnv(): EnvEntry[] {
  return [{ key: 'LOG_LEVEL', value: 'info' }];
}

/** How long a program that is asked to end goes on answering, until whoever balances has noticed. */
export function drainEnv({ stage }: Answers): EnvEntry[] {
  return [{ key: 'DRAIN_SECONDS', value: String(reaches(stage, 'balancer') ? TIMEOUTS.drain : 0) }];
}
