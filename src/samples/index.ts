/** The samples by name. */
import type { Answers } from '../journey/options.ts';
import type { SampleName } from '../journey/samples.ts';
import type { Sample } from './sample.ts';
import { shop } from './shop.ts';

const SAMPLES: Readonly<Partial<Record<SampleName, Sample>>> = { shop };

/**
 * The sample that a project is generated around. Answers that name none are the shop's: the first projects had no other.
 * @throws Error for a name without a sample: a fault in the generator, not in the input
 */
export function sampleOf(answers: Answers & { readonly sample?: SampleName }): Sample {
  const name = answers.sample ?? 'shop';
  const sample = SAMPLES[name];
  if (!sample) throw new Error(`there is no sample called ${name}`);
  return sample;
}
