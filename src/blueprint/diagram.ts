/** The blueprint as a Mermaid flowchart: what talks to what. Jobs are left out: they are gone once the rest runs. */
import { type Blueprint, type BlueprintNode, type EnvEntry, nodeNamed } from './blueprint.ts';

export function mermaid(blueprint: Blueprint): string {
  const nodes = blueprint.nodes.filter(node => node.kind !== 'job');
  const lines = nodes.map(node => `  ${node.name}${shape(node)}`);
  const edges = nodes.flatMap(node => callees(blueprint, node).map(callee => `  ${node.name} --> ${callee}`));
  return [
    'flowchart LR',
    '  browser((browser))',
    ...lines,
    `  browser --> ${blueprint.frontDoor.node}`,
    ...edges,
  ].join('\n');
}

/** The nodes that a node opens connections to. */
export function callees(blueprint: Blueprint, node: BlueprintNode): string[] {
  if (node.kind === 'haproxy') return [node.balances];
  if (node.kind === 'nginx') return node.upstreams.map(upstream => upstream.node);
  const named = node.env.flatMap(peerOf).filter(name => nodeNamed(blueprint, name).kind !== 'job');
  return [...new Set(named)];
}

function peerOf(entry: EnvEntry): string[] {
  if ('hostOf' in entry) return [entry.hostOf];
  return 'urlOf' in entry ? [entry.urlOf] : [];
}

const SHAPES: Readonly<Record<BlueprintNode['kind'], (label: string) => string>> = {
  program: label => `[${label}]`,
  job: label => `[${label}]`,
  haproxy: label => `[${label}]`,
  nginx: label => `[${label}]`,
  mail: label => `[${label}]`,
  postgres: label => `[(${label})]`,
};

function shape(node: BlueprintNode): string {
  const copies = node.kind === 'program' && node.replicas > 1 ? ` x ${node.replicas}` : '';
  const label = `"${node.name}${copies}<br/>${node.caption}"`;
  return SHAPES[node.kind](label);
}
