declare module 'packed-templates' {
  // Not an import of its own: an ambient module may not name a file beside it by one, and all would be `any`.
  /** The template layers by their path below templates/, compiled by scripts/pack-templates.mjs. */
  export const layers: import('./layers.ts').PackedLayers;
}
