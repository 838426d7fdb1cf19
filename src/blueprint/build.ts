/** Answers → blueprint: the sample says which programs there are, the pieces what runs them and what runs around them. */
import type { Answers } from '../journey/options.ts';
import { maxConnections, type PoolBudget, poolBudget, requireBudget } from '../journey/pool-budget.ts';
import { ALL_PIECES } from '../pieces/index.ts';
import { basePath, hasTls } from '../pieces/nginx.ts';
import type { Recipe } from '../pieces/piece.ts';
import { sampleOf } from '../samples/index.ts';
import type { ProgramSpec } from '../samples/sample.ts';
import type { Blueprint, BlueprintNode, FrontDoor } from './blueprint.ts';

/**
 * What runs for these answers.
 * @throws UsageError when the pools together would ask for more connections than the database takes
 */
export function buildBlueprint(answers: Answers): Blueprint {
  const budget = projectPoolBudget(answers);
  if (budget) requireBudget(budget);
  const recipe = recipeOf(answers);
  const nodes = ALL_PIECES.flatMap(piece => piece.nodes(recipe));
  return {
    stage: answers.stage,
    sample: sampleOf(answers).name,
    project: answers.name,
    nodes,
    frontDoor: frontDoorOf(answers, nodes),
    databases: recipe.databases,
    secrets: [
      ...sampleOf(answers).secrets(answers),
      ...ALL_PIECES.flatMap(piece => piece.secrets?.(recipe) ?? []),
    ],
  };
}

/** The connections that the project's programs may open, or undefined before there is a pool. */
export function projectPoolBudget(answers: Answers): PoolBudget | undefined {
  const demands = sampleOf(answers).programs(answers).flatMap(demandOf);
  return demands.length === 0 ? undefined : poolBudget(maxConnections(answers.stage), demands);
}

function demandOf({ name, replicas, pool }: ProgramSpec) {
  return pool ? [{ program: name, replicas, poolMax: pool.max, extra: pool.beside }] : [];
}

function recipeOf(answers: Answers): Recipe {
  const sample = sampleOf(answers);
  return {
    answers,
    main: sample.mainProgram(answers),
    programs: sample.programs(answers),
    jobs: sample.jobs(answers),
    databases: sample.databases(answers),
    keys: sample.keys(answers),
  };
}

function frontDoorOf(answers: Answers, nodes: readonly BlueprintNode[]): FrontDoor {
  const door = nodes.find(({ networks }) => networks.includes('edge'));
  if (!door) throw new Error(`nothing is reached from outside at the ${answers.stage} stage`);
  const isTls = hasTls(answers);
  return {
    node: door.name,
    scheme: isTls ? 'https' : 'http',
    publishedPort: answers.port,
    redirectPort: isTls ? redirectPort(answers.port) : undefined,
    basePath: basePath(answers),
    domain: answers.domain ?? 'localhost',
  };
}

/** The plain-HTTP port that belongs to an HTTPS port: the usual pairs, otherwise the next port. */
function redirectPort(port: number): number {
  const pairs: Readonly<Record<number, number>> = { 443: 80, 8443: 8080, 65535: 65_534 };
  return pairs[port] ?? port + 1;
}
