/** What templates may name. */
import {
  type Blueprint,
  type EnvEntry,
  type NodeKind,
  nodeNamed,
  nodesOfKind,
  resolveEntry,
} from '../blueprint/blueprint.ts';
import { projectPoolBudget } from '../blueprint/build.ts';
import { mermaid } from '../blueprint/diagram.ts';
import { answersAsFlags } from '../journey/answers.ts';
import { DOOR_LIMITS, MOST_REPLICAS } from '../journey/limits.ts';
import type { Answers } from '../journey/options.ts';
import { nextStage, stageNamed } from '../journey/stages.ts';
import { COMPOSE_UP } from '../journey/start.ts';
import { TIMEOUTS } from '../journey/timeouts.ts';
import { IMAGES, NODE_RANGE, NPM } from '../journey/versions.ts';
import { VERSION } from '../version.ts';
import { composeTarget, type ProxyTarget } from './target.ts';

/** Where a container finds its secrets. */
const SECRETS_FOLDER = '/run/secrets';

export interface TemplateContext extends Record<string, unknown> {
  readonly target: ProxyTarget;
  readonly envValue: (entry: EnvEntry) => string;
}

/** What a proxy's template may name: what runs, and where; never how it was asked for. */
export function proxyContext(blueprint: Blueprint, target: ProxyTarget): TemplateContext {
  return {
    blueprint,
    stage: stageNamed(blueprint.stage),
    nodes: Object.fromEntries(blueprint.nodes.map(node => [node.name, node])),
    // A template asks for what there is one of at most, such as `nginx`, by its kind.
    ...Object.fromEntries(blueprint.nodes.map(node => [node.kind, node])),
    programs: nodesOfKind(blueprint, 'program'),
    jobs: nodesOfKind(blueprint, 'job'),
    frontDoor: blueprint.frontDoor,
    timeouts: TIMEOUTS,
    doorLimits: DOOR_LIMITS,
    mostReplicas: MOST_REPLICAS,
    target,
    envValue: entry => composeEnvValue(entry, blueprint),
  };
}

/** The volumes that Compose keeps for each kind of node. */
const VOLUMES: { readonly [K in NodeKind]?: string } = { postgres: 'pgdata' };

/** What CI installs for each kind of node. PostgreSQL is fetched where it is missing. */
const DEBIAN_PACKAGES: { readonly [K in NodeKind]?: string } = {
  haproxy: 'haproxy',
  nginx: 'nginx',
};

/** What the templates of all other files may name besides. */
export function projectContext(answers: Answers, blueprint: Blueprint): TemplateContext {
  return {
    ...proxyContext(blueprint, composeTarget(blueprint)),
    ...composeParts(blueprint),
    answers,
    nextStage: nextStage(answers.stage),
    versions: { npm: NPM, images: IMAGES, node: NODE_RANGE, self: VERSION },
    poolBudget: projectPoolBudget(answers),
    diagram: mermaid(blueprint),
    composeUp: COMPOSE_UP,
    reproduce: reproduceCommand(answers),
  };
}

/** What compose.yaml and CI need besides the nodes: from the front door inwards. */
function composeParts({ nodes }: Blueprint) {
  const inwards = [...nodes].reverse();
  const networks = new Set(inwards.flatMap(node => node.networks));
  return {
    networks: [...networks].map(name => ({ name, isInternal: name !== 'edge' })),
    volumes: inwards.flatMap(({ kind }) => VOLUMES[kind] ?? []),
    debianPackages: inwards.flatMap(({ kind }) => DEBIAN_PACKAGES[kind] ?? []),
  };
}

/** How a node's environment entry is written into compose.yaml: peers by service name, secrets by their mounted file. */
function composeEnvValue(entry: EnvEntry, blueprint: Blueprint): string {
  return resolveEntry(entry, {
    host: node => node,
    port: node => nodeNamed(blueprint, node).port,
    secretFile: name => `${SECRETS_FOLDER}/${name}`,
  });
}

/** The command that generates the same project again. */
export function reproduceCommand(answers: Answers): string {
  const flags = answersAsFlags(answers, answers.name);
  return ['npx', `create-backend-stage@${VERSION}`, answers.name, ...flags].join(' ');
}
