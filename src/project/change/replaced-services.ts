/** The services that a project's compose.yaml no longer has: their containers go on until somebody takes them away. */
import { plainText } from '../merge/text-shape.ts';
import { parseYaml } from '../merge/yaml-tree.ts';
import type { Result } from './model.ts';

/** @returns their names, sorted; those that its owner's own edits keep in the file are not among them */
export function replacedServices(results: readonly Result[]): string[] {
  const compose = results.find(({ subject }) => subject.generated?.path === 'compose.yaml');
  const written = compose?.writes.find(({ path, content }) => path === compose.outcome.path && content);
  if (compose?.subject.found.kind !== 'file' || !written?.content) return [];
  const after = new Set(servicesIn(written.content));
  return after.size === 0
    ? []
    : servicesIn(compose.subject.found.bytes)
        .filter(name => !after.has(name))
        .sort();
}

/** None of a file that cannot be read: then nobody knows. */
function servicesIn(bytes: Buffer): string[] {
  try {
    const { entries } = parseYaml(plainText(bytes) ?? '');
    return [...(entries?.get('services')?.entries?.keys() ?? [])];
  } catch {
    return [];
  }
}
