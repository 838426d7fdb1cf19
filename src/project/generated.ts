import { resolve } from 'node:path';
import type { Blueprint } from '../blueprint/blueprint.ts';
import { buildBlueprint } from '../blueprint/build.ts';
import { type Manifest, readManifest } from './manifest.ts';

export interface GeneratedProject {
  /** Absolute. */
  readonly directory: string;
  readonly manifest: Manifest;
  readonly blueprint: Blueprint;
}

/** A project that this tool wrote before, from its manifest. @throws UsageError if there is none in `typed` */
export async function openProject(typed: string | undefined, cwd: string): Promise<GeneratedProject> {
  const directory = resolve(cwd, typed ?? '.');
  const manifest = await readManifest(directory);
  return { directory, manifest, blueprint: buildBlueprint(manifest.answers) };
}
