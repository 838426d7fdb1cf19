/** The programs that a project can be generated around. */
export const SAMPLE_NAMES = ['small', 'shop', 'own'] as const;

export type SampleName = (typeof SAMPLE_NAMES)[number];
