/** The blueprint as a Mermaid flowchart: what talks to what. Jobs are left out: they are gone once the rest runs. */
import { pieceOf } from '../pieces/index.ts';
import type { Picture } from '../pieces/piece.ts';
import type { Blueprint, BlueprintNode } from './blueprint.ts';

export function mermaid(blueprint: Blueprint): string {
  const nodes = blueprint.nodes.flatMap(node => {
    const { picture } = pieceOf(node);
    return picture ? [{ node, picture }] : [];
  });
  const lines = nodes.map(({ node, picture }) => `  ${node.name}${SHAPES[picture.shape](labelOf(node))}`);
  const edges = nodes.flatMap(({ node }) =>
    pieceOf(node)
      .callees(node)
      .map(callee => `  ${node.name} --> ${callee}`),
  );
  return [
    'flowchart LR',
    '  browser((browser))',
    ...lines,
    `  browser --> ${blueprint.frontDoor.node}`,
    ...edges,
  ].join('\n');
}

const SHAPES: Readonly<Record<Picture['shape'], (label: string) => string>> = {
  card: label => `[${label}]`,
  store: label => `[(${label})]`,
};

function labelOf(node: BlueprintNode): string {
  const copies = node.kind === 'program' && node.replicas > 1 ? ` x ${node.replicas}` : '';
  return `"${node.name}${copies}<br/>${node.caption}"`;
}
