/** What the picture of a blueprint shows: its boxes, column by column, and the lines between them. Jobs are gone by then. */
import { pieceOf } from '../pieces/index.ts';
import type { Picture } from '../pieces/piece.ts';
import { type Blueprint, type BlueprintNode, copyCount, nodesOfKind } from './blueprint.ts';

/** More copies than this are drawn as this many cards and a number. */
export const MOST_CARDS = 3;

export interface Box {
  readonly id: string;
  readonly label: string;
  readonly shape: 'person' | Picture['shape'];
  readonly cards: number;
}

export type Column = readonly Box[];

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly isMessage: boolean;
  /** The bound of the connection pool that it stands for, if it is one. */
  readonly pool?: string;
}

/** A node with how it is drawn. */
interface Drawn {
  readonly node: BlueprintNode;
  readonly picture: Picture;
}

/** What is drawn, column by column, from left to right. */
function drawnOf({ nodes }: Blueprint): Drawn[][] {
  const drawn = nodes.flatMap(node => {
    const { picture } = pieceOf(node);
    return picture ? [{ node, picture }] : [];
  });
  const columns = [...new Set(drawn.map(({ picture }) => picture.column))].sort((one, other) => one - other);
  return columns.map(column => drawn.filter(({ picture }) => picture.column === column));
}

/** From left to right: the browser, each proxy, the programs, and what they keep things in. */
export function columnsOf(blueprint: Blueprint): Column[] {
  return [
    [{ id: 'browser', label: 'browser', shape: 'person', cards: 1 }],
    ...drawnOf(blueprint).map(column => column.flatMap(drawn => boxesOf(drawn, blueprint))),
  ];
}

function boxesOf({ node, picture }: Drawn, blueprint: Blueprint): Box[] {
  const { shape, label = node.name } = picture;
  if (shape === 'store')
    return nodesOfKind(blueprint, 'program')
      .filter(program => pieceOf(program).callees(program).includes(node.name))
      .map(program => ({ id: storeId(blueprint, node, program), label, shape, cards: 1 }));
  const copies = copyCount(node);
  const several = copies > 1 ? ` × ${copies}` : '';
  const cards = Math.min(copies, MOST_CARDS);
  return [{ id: idOf(blueprint, node.name), label: `${label}${several}`, shape, cards }];
}

/** By which name panels know a node again: the main program is one thing to the reader, also once others have left it. */
function idOf(blueprint: Blueprint, node: string): string {
  const [main] = nodesOfKind(blueprint, 'program');
  return node === main?.name ? 'main' : node;
}

function storeId(blueprint: Blueprint, store: BlueprintNode, user: BlueprintNode): string {
  return `${store.name} of ${idOf(blueprint, user.name)}`;
}

/** From left to right; of one column's, those to what is kept come first. */
export function edgesOf(blueprint: Blueprint): Edge[] {
  const columns = drawnOf(blueprint);
  const drawn = columns.flat();
  const calls = columns.flatMap(column => {
    const all = column.flatMap(from => callsOf(from, drawn));
    return [...all.filter(isKept), ...all.filter(call => !isKept(call))];
  });
  return [
    { from: 'browser', to: idOf(blueprint, blueprint.frontDoor.node), isMessage: false },
    ...calls.map(call => edgeOf(blueprint, call)),
  ];
}

interface Call {
  readonly from: Drawn;
  readonly to: Drawn;
}

function callsOf(from: Drawn, all: readonly Drawn[]): Call[] {
  const callees = pieceOf(from.node).callees(from.node);
  return callees.flatMap(name => all.filter(({ node }) => node.name === name).map(to => ({ from, to })));
}

function isKept({ to }: Call): boolean {
  return to.picture.shape === 'store';
}

function edgeOf(blueprint: Blueprint, call: Call): Edge {
  const { from, to } = call;
  const start = idOf(blueprint, from.node.name);
  if (isKept(call))
    return {
      from: start,
      to: storeId(blueprint, to.node, from.node),
      isMessage: false,
      ...boundOf(from.node),
    };
  const isMessage = from.picture.column === to.picture.column;
  return { from: start, to: idOf(blueprint, to.node.name), isMessage };
}

function boundOf({ env }: BlueprintNode): Pick<Edge, 'pool'> {
  const pool = env.find(entry => entry.key === 'POOL_MAX');
  return pool && 'value' in pool ? { pool: `pool of ${pool.value}` } : {};
}
