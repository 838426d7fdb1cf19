/** Which engine runs a project. */
import { UsageError } from '../journey/errors.ts';
import type { Engine } from './engine.ts';

export const ENGINE_CHOICES = ['auto', 'docker', 'native'] as const;

/** In the order in which `auto` prefers them. Loaded when chosen. */
const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  native: async () => (await import('./native.ts')).nativeEngine,
};

/**
 * @param name what was asked for: an engine, or `auto` for the first one that there is
 * @throws UsageError for a name that is none, or an engine that this version does not have
 */
export async function selectEngine(name: string): Promise<Engine> {
  requireEngineName(name);
  const wanted = name === 'auto' ? Object.keys(ENGINES)[0] : name;
  const load = ENGINES[wanted ?? ''];
  if (!load) {
    throw new UsageError(`--engine ${name} comes in a later version`, 'use --engine native, or leave it out');
  }
  return load();
}

/** Refuses early, before anything has been asked or written. @throws UsageError */
export function requireEngineName(name: string): void {
  if (!(ENGINE_CHOICES as readonly string[]).includes(name)) {
    throw new UsageError(
      `--engine ${JSON.stringify(name)} is not one of ${ENGINE_CHOICES.join(', ')}`,
      'leave it out for auto',
    );
  }
  if (name !== 'auto' && !(name in ENGINES)) {
    throw new UsageError(`--engine ${name} comes in a later version`, 'use --engine native, or leave it out');
  }
}
