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

function moveAndDrop(files: ReadonlyMap<string, PackedFile>, layer: PackedLayer): Map<string, PackedFile> {
  const kept = [...files.values()].filter(file => !layer.drops.some(drop => covers(drop, file.path)));
  return new Map(kept.map(file => movedFile(file, layer)).map(file => [file.path, file]));
}

function movedFile(file: PackedFile, layer: PackedLayer): PackedFile {
  const move = layer.moves.find(([from]) => covers(from, file.path));
  return move ? { ...file, path: move[1] + file.path.slice(move[0].length) } : file;
}

/** Whether a rule names this path: the path itself, or a folder above it. */
export function covers(rule: string, path: string): boolean {
  return rule.endsWith('/') ? path.startsWith(rule) : path === rule;
}
