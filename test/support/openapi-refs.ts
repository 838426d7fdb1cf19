/** Resolves what an OpenAPI document refers to in itself, by itself: nothing of this is the merge's own. */
import { load } from 'js-yaml';

/** The references that lead nowhere; security schemes are referred to by name. */
export function danglingRefs(text: string): string[] {
  const root: unknown = load(text);
  const refs = new Set<string>();
  collect(root, refs);
  return [...refs].filter(ref => !resolves(root, ref));
}

function collect(value: unknown, refs: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') refs.add(inner);
    if (key === 'security' && Array.isArray(inner)) {
      for (const name of inner.flatMap(each => Object.keys(each)))
        refs.add(`#/components/securitySchemes/${name}`);
    }
    collect(inner, refs);
  }
}

function resolves(root: unknown, ref: string): boolean {
  let at: unknown = root;
  for (const part of ref.replace(/^#\//, '').split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  }
  return at !== undefined;
}
