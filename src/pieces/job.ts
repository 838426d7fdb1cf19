/** A Node program of the project that runs to its end before others start: a migration. */
import type { JobNode } from '../blueprint/blueprint.ts';
import { IMAGES } from '../journey/versions.ts';
import type { JobSpec } from '../samples/sample.ts';
import { type Piece, peersIn, type Recipe, secretsIn } from './piece.ts';
import { DATABASE_NODE, migrationEnv, migrationSecrets } from './postgres.ts';
import { PROGRAM_PORT } from './program.ts';

export const job: Piece<JobNode> = {
  kind: 'job',
  nodes: recipe => recipe.jobs.map(spec => jobNode(recipe, spec)),
  callees: ({ env }) => peersIn(env),
  keepsRunning: false,
  stopRank: 1,
  native: () => import('../engines/native/job.ts'),
};

function jobNode({ databases }: Recipe, spec: JobSpec): JobNode {
  const database = databases.find(({ name }) => name === spec.database);
  if (!database) throw new Error(`${spec.name} migrates ${spec.database}, which is no database`);
  return {
    kind: 'job',
    name: spec.name,
    image: IMAGES.node,
    folder: spec.folder,
    entry: spec.entry,
    database: database.name,
    networks: ['data'],
    needs: [{ node: DATABASE_NODE, condition: 'healthy' }],
    secrets: [...migrationSecrets(database), ...secretsIn(spec.env)],
    env: [...migrationEnv(database), ...spec.env],
    port: PROGRAM_PORT,
    limits: { cpus: '0.5', memory: '256M', pids: 64 },
    caption: 'brings the database up to date, then ends',
  };
}
