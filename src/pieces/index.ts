/** All kinds of nodes, in an order in which they can start. */
import type { BlueprintNode, NodeKind, NodeOf } from '../blueprint/blueprint.ts';
import { haproxy } from './haproxy.ts';
import { job } from './job.ts';
import { mail } from './mail.ts';
import { nginx } from './nginx.ts';
import type { Piece } from './piece.ts';
import { postgres } from './postgres.ts';
import { program } from './program.ts';

export const PIECES: { readonly [K in NodeKind]: Piece<NodeOf<K>> } = {
  postgres,
  mail,
  job,
  program,
  haproxy,
  nginx,
};

/** What the tool knows of all kinds, in an order in which they can start. */
export const ALL_PIECES: readonly Piece<BlueprintNode>[] = Object.values(PIECES);

/** Where a project keeps the configuration of a kind of node. @throws Error for a kind that has none */
export function configPathOf(kind: NodeKind): string {
  const { config } = PIECES[kind];
  if (!config) throw new Error(`${kind} has no configuration of its own`);
  return config.path;
}

/** What the tool knows of a node's kind. */
export function pieceOf(node: BlueprintNode): Piece<BlueprintNode> {
  return PIECES[node.kind];
}
