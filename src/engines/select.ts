/** Which engine runs a project. */
import { UsageError } from '../journey/errors.ts';
import type { Engine } from './engine.ts';

export const ENGINE_CHOICES = ['auto', 'docker', 'native'] as const;

type Available = Exclude<(typeof ENGINE_CHOICES)[number], 'auto' | 'docker'>;

/** Loaded when chosen. */
const LOADERS: Readonly<Record<Available, () => Promise<Engine>>> = {
  native: async () => (await import('./native.ts')).nativeEngine,
};
/** What `auto` takes: the first one. */
const PREFERENCE: readonly [Available, ...Available[]] = ['native'];

/**
 * @param name what was asked for: an engine, or `auto`
 * @throws UsageError for a name that is none, or an engine that this version does not have
 */
export async function selectEngine(name: string): Promise<Engine> {
  return LOADERS[engineNamed(name)]();
}

/** Refuses early, before anything has been asked or written. @throws UsageError */
export function requireEngineName(name: string): void {
  engineNamed(name);
}

function engineNamed(name: string): Available {
  const wanted = name === 'auto' ? PREFERENCE[0] : PREFERENCE.find(known => known === name);
  if (wanted) return wanted;
  const known = (ENGINE_CHOICES as readonly string[]).includes(name);
  throw known
    ? new UsageError(`--engine ${name} comes in a later version`, 'use --engine native, or leave it out')
    : new UsageError(
        `--engine ${JSON.stringify(name)} is not one of ${ENGINE_CHOICES.join(', ')}`,
        'leave it out for auto',
      );
}
