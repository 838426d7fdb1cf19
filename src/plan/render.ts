/** Fills templates in: the Handlebars runtime with the few helpers that templates may use. */
import type HandlebarsFull from 'handlebars';
import runtime from 'handlebars/runtime.js';
import type { EnvEntry } from '../blueprint/blueprint.ts';
import { messageOf } from '../errors.ts';
import type { PackedFile, TemplateSpec } from './layers.ts';

/** The runtime's own type declarations leave `create` out. */
const Handlebars = runtime as unknown as typeof HandlebarsFull;

export type Renderer = (file: PackedFile) => string;

/** @param envValue how an environment reference is written in this target */
export function createRenderer(
  partials: Readonly<Record<string, TemplateSpec>>,
  context: Readonly<Record<string, unknown>> & { readonly envValue: (entry: EnvEntry) => string },
): Renderer {
  const handlebars = Handlebars.create();
  handlebars.registerHelper({
    eq: (a: unknown, b: unknown) => a === b,
    json: (value: unknown) => JSON.stringify(value),
    join: (items: readonly unknown[], separator: string) => items.join(separator),
    value: (entry: EnvEntry) => context.envValue(entry),
  });
  for (const [name, spec] of Object.entries(partials))
    handlebars.registerPartial(name, handlebars.template(spec));
  return file => {
    if (file.text !== undefined) return file.text;
    try {
      return handlebars.template(file.template ?? {})(context);
    } catch (cause) {
      throw new Error(`the template of ${file.path}: ${messageOf(cause)}`, {
        cause,
      });
    }
  };
}
