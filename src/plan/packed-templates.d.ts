declare module 'packed-templates' {
  import type { PackedLayers } from './layers.ts';
  /** The template layers by their path below templates/, compiled by scripts/pack-templates.mjs. */
  export const layers: PackedLayers;
}
