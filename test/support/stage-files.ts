/** What each stage generates from default answers, as text. */
import { resolveAnswers } from '../../src/journey/answers.ts';
import { STAGE_NAMES, type StageName } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';

/** Each stage with the next one. */
export const STEPS: readonly (readonly [StageName, StageName])[] = STAGE_NAMES.slice(1).map(
  (to, at) => [STAGE_NAMES[at] as StageName, to] as const,
);

/** Text by path, by stage. */
export async function filesOfStages(): Promise<ReadonlyMap<StageName, ReadonlyMap<string, string>>> {
  const stages = new Map<StageName, ReadonlyMap<string, string>>();
  for (const stage of STAGE_NAMES) {
    const { files } = await planProject(resolveAnswers({ stage }, 'my-shop'));
    stages.set(stage, new Map(files.map(file => [file.path, file.bytes.toString()])));
  }
  return stages;
}
