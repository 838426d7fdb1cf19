/** The samples: the programs that a project may begin with. */

export const SAMPLE_NAMES = ['small', 'shop', 'own'] as const;

export type SampleName = (typeof SAMPLE_NAMES)[number];

export interface SampleChoice {
  readonly value: SampleName;
  readonly description: string;
}

export const SAMPLES: readonly SampleChoice[] = [
  { value: 'small', description: 'one small program, to be replaced by your own' },
  { value: 'shop', description: 'a shop with products, orders and payments, which shows each lesson' },
  { value: 'own', description: 'a backend that you already have' },
];

/** What answers without a sample mean: the shop was the only one once. */
export const DEFAULT_SAMPLE: SampleName = 'shop';
