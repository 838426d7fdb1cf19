declare module 'packed-templates' {
  import type { PackedLayer } from './layers.ts';
  /** The template layers by stage name, compiled by scripts/pack-templates.mjs. */
  export const layers: Readonly<Record<string, PackedLayer>>;
}
