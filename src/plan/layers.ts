/** Lays the stages' template folders over one another. */
import type { Stage } from '../journey/stages.ts';

/** A precompiled Handlebars template, as `Handlebars.template` takes it. */
export type TemplateSpec = object;

export interface PackedFile {
  readonly path: string;
  readonly text?: string;
  readonly template?: TemplateSpec;
}

export interface PackedLayer {
  /** Path or folder (ending in `/`) before and after, applied to what earlier layers gave. */
  readonly moves: readonly (readonly [from: string, to: string])[];
  /** Paths or folders (ending in `/`) that this stage no longer has. */
  readonly drops: readonly string[];
  /** Folders whose other files, which their owner has added, go along when a project grows to this stage. */
  readonly follow: readonly (readonly [from: string, to: string])[];
  /** Compose services that have another name from this stage on. */
  readonly services: readonly (readonly [from: string, to: string])[];
  /** Folders that this stage makes programs of: without them there is no way to it. */
  readonly splits: readonly string[];
  /** The package.json of the program that gets what its owner has added, and so what that needs. */
  readonly dependencies?: string;
  readonly files: readonly PackedFile[];
  readonly partials: Readonly<Record<string, TemplateSpec>>;
}

export interface Overlay {
  readonly files: ReadonlyMap<string, PackedFile>;
  readonly partials: Readonly<Record<string, TemplateSpec>>;
}

/**
 * The files of a project before anything is filled in.
 * @param stages the journey up to the stage wanted, first stage first
 */
export function overlayLayers(
  layers: Readonly<Record<string, PackedLayer>>,
  stages: readonly Stage[],
): Overlay {
  let files = new Map<string, PackedFile>();
  let partials: Record<string, TemplateSpec> = {};
  for (const { name } of stages) {
    const layer = layers[name];
    if (!layer) continue;
    files = moveAndDrop(files, layer);
    for (const file of layer.files) files.set(file.path, file);
    partials = { ...partials, ...layer.partials };
  }
  return { files, partials };
}

/** Where growing takes a generated file, or undefined where a stage on the way drops it. @param stages those that are climbed */
export function grownPath(
  layers: Readonly<Record<string, PackedLayer>>,
  stages: readonly Stage[],
  path: string,
): string | undefined {
  let now = path;
  for (const { name } of stages) {
    const layer = layers[name];
    if (layer?.drops.some(drop => covers(drop, now))) return undefined;
    if (layer) now = movedPath(now, layer.moves);
  }
  return now;
}

/** Where growing takes a file that its owner has added: along with the folder that it lies in. */
export function grownOwnPath(
  layers: Readonly<Record<string, PackedLayer>>,
  stages: readonly Stage[],
  path: string,
): string {
  return stages.reduce((now, { name }) => {
    const { moves = [], follow = [] } = layers[name] ?? {};
    return movedPath(
      now,
      [...moves, ...follow].filter(([from]) => from.endsWith('/')),
    );
  }, path);
}

/** What these stages rename and split, and where they take what the owner's own files need. */
export function followRules(layers: Readonly<Record<string, PackedLayer>>, stages: readonly Stage[]) {
  const climbed = stages.map(({ name }) => layers[name]);
  return {
    services: climbed.flatMap(layer => layer?.services ?? []),
    splits: climbed.flatMap(layer => layer?.splits ?? []),
    dependencies: climbed.find(layer => layer?.dependencies)?.dependencies,
  };
}

function moveAndDrop(files: ReadonlyMap<string, PackedFile>, layer: PackedLayer): Map<string, PackedFile> {
  const kept = [...files.values()].filter(file => !layer.drops.some(drop => covers(drop, file.path)));
  return new Map(kept.map(file => movedFile(file, layer)).map(file => [file.path, file]));
}

function movedFile(file: PackedFile, layer: PackedLayer): PackedFile {
  return { ...file, path: movedPath(file.path, layer.moves) };
}

function movedPath(path: string, moves: PackedLayer['moves']): string {
  const move = moves.find(([from]) => covers(from, path));
  return move ? move[1] + path.slice(move[0].length) : path;
}

/** Whether a rule names this path: the path itself, or a folder above it. */
export function covers(rule: string, path: string): boolean {
  return rule.endsWith('/') ? path.startsWith(rule) : path === rule;
}
