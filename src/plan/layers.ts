/** Lays the template folders over one another: the base, then for each stage its box and what the sample's program brings. */
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
  /** Paths or folders (ending in `/`) of earlier layers that the sample does not have yet. */
  readonly hides: readonly string[];
  /** Hidden paths or folders (ending in `/`) that the sample has from here on. */
  readonly shows: readonly string[];
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

/** The packed layers by their path below `templates/`. */
export type PackedLayers = Readonly<Record<string, PackedLayer>>;

/** What every project has, whatever its stage and its sample. */
const BASE = 'base';

/** The one sample that there is so far. */
export const SAMPLE = 'shop';

export interface Overlay {
  readonly files: ReadonlyMap<string, PackedFile>;
  readonly partials: Readonly<Record<string, TemplateSpec>>;
}

/**
 * The layers that these stages bring, in the order in which they lie over one another: of each stage what its box brings, then
 * what the sample's program does. The base belongs to no stage. A layer that does not exist is empty.
 */
export function layersOf(sample: string, stages: readonly Stage[]): string[] {
  return stages.flatMap(({ name }) => [`boxes/${name}`, `samples/${sample}/${name}`]);
}

/**
 * The files of a project before anything is filled in: those of the base with those of the named layers over them.
 * @param names from `layersOf`, for the journey up to the stage wanted
 */
export function overlayLayers(layers: PackedLayers, names: readonly string[]): Overlay {
  let files: readonly LaidFile[] = [];
  let partials: Record<string, TemplateSpec> = {};
  for (const layer of named(layers, [BASE, ...names])) {
    files = layOver(files, layer);
    partials = { ...partials, ...layer.partials };
  }
  const shown = files.filter(({ isHidden }) => !isHidden);
  return { files: new Map(shown.map(({ file }) => [file.path, file])), partials };
}

/** Where growing takes a generated file, or undefined where a layer on the way drops it. @param names the layers of the stages that are climbed */
export function grownPath(layers: PackedLayers, names: readonly string[], path: string): string | undefined {
  let now = path;
  for (const { drops, moves } of named(layers, names)) {
    if (drops.some(drop => covers(drop, now))) return undefined;
    now = movedPath(now, moves);
  }
  return now;
}

/** Where growing takes a file that its owner has added: along with the folder that it lies in. */
export function grownOwnPath(layers: PackedLayers, names: readonly string[], path: string): string {
  return named(layers, names).reduce(
    (now, { moves, follow }) =>
      movedPath(
        now,
        [...moves, ...follow].filter(([from]) => from.endsWith('/')),
      ),
    path,
  );
}

/** What these layers rename and split, and where they take what the owner's own files need. */
export function followRules(layers: PackedLayers, names: readonly string[]) {
  const climbed = named(layers, names);
  return {
    services: climbed.flatMap(({ services }) => services),
    splits: climbed.flatMap(({ splits }) => splits),
    dependencies: climbed.find(({ dependencies }) => dependencies)?.dependencies,
  };
}

function named(layers: PackedLayers, names: readonly string[]): PackedLayer[] {
  return names.flatMap(name => layers[name] ?? []);
}

interface LaidFile {
  readonly file: PackedFile;
  readonly isHidden: boolean;
}

/** A file that replaces a hidden one is hidden, too: the box goes on with what the sample does not have yet. */
function layOver(files: readonly LaidFile[], layer: PackedLayer): LaidFile[] {
  const laid = new Map<string, LaidFile>();
  for (const { file, isHidden } of files) {
    if (layer.drops.some(drop => covers(drop, file.path))) continue;
    const moved = movedFile(file, layer);
    laid.set(moved.path, { file: moved, isHidden: isHiddenAfter(moved.path, isHidden, layer) });
  }
  for (const file of layer.files)
    laid.set(file.path, { file, isHidden: laid.get(file.path)?.isHidden ?? false });
  return [...laid.values()];
}

function isHiddenAfter(path: string, isHidden: boolean, { hides, shows }: PackedLayer): boolean {
  const isNamed = (rules: readonly string[]) => rules.some(rule => covers(rule, path));
  return isNamed(hides) || (isHidden && !isNamed(shows));
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
