/** What runs, as the project's own `stage.yaml` says it. */
import { wordsOf } from '../stage-file/command.ts';
import type { ProgramFacts, StageFile } from '../stage-file/stage-file.ts';
import type { Blueprint, BlueprintNode, ProgramNode } from './blueprint.ts';

/** The blueprint with what the file says of each program. What the file does not name stays as it is generated. */
export function withStageFile(blueprint: Blueprint, { programs }: Pick<StageFile, 'programs'>): Blueprint {
  const nodes = blueprint.nodes.map(node => {
    const facts = Object.hasOwn(programs, node.name) ? programs[node.name] : undefined;
    return node.kind === 'program' && facts ? withFacts(node, facts) : node;
  });
  return { ...blueprint, nodes };
}

function withFacts(node: ProgramNode, { build, start, port, live, ready }: ProgramFacts): BlueprintNode {
  return {
    ...node,
    build: build === undefined ? [] : wordsOf(build),
    start: wordsOf(start),
    port,
    livePath: live,
    healthPath: ready,
    env: node.env.map(entry => (entry.key === 'PORT' ? { key: 'PORT', value: String(port) } : entry)),
  };
}
