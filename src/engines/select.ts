/** Which engine runs a project. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { UsageError } from '../errors.ts';
import type { Engine, EngineName } from './engine.ts';

export const ENGINE_CHOICES = ['auto', 'docker', 'native'] as const;

/** Loaded when chosen. */
const LOADERS: Readonly<Record<EngineName, () => Promise<Engine>>> = {
  docker: async () => (await import('./docker/engine.ts')).dockerEngine,
  native: async () => (await import('./native/engine.ts')).nativeEngine,
};

/**
 * The engine of that name. `auto` takes Docker, which runs what users run, wherever it can build this project; else native.
 * @param directory the project's folder
 * @throws UsageError for a name that is none
 */
export async function selectEngine(name: string, blueprint: Blueprint, directory: string): Promise<Engine> {
  const choice = engineNamed(name);
  if (choice !== 'auto') return loadEngine(choice);
  const docker = await loadEngine('docker');
  const { available } = await docker.available(blueprint, directory);
  return available ? docker : loadEngine('native');
}

export function loadEngine(name: EngineName): Promise<Engine> {
  return LOADERS[name]();
}

/** Refuses early, before anything has been asked or written. @throws UsageError */
export function requireEngineName(name: string): void {
  engineNamed(name);
}

function engineNamed(name: string): EngineName | 'auto' {
  const choice = ENGINE_CHOICES.find(known => known === name);
  if (choice) return choice;
  throw new UsageError(
    `--engine ${JSON.stringify(name)} is not one of ${ENGINE_CHOICES.join(', ')}`,
    'leave it out for auto',
  );
}
