/** Every fault, found by folder: a check's file under `src/verify/checks/` and its faults' here bear the same name. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StageName } from '../../../src/journey/stages.ts';
import { ROOT } from '../../support/tool.ts';
import type { Fault } from './fault.ts';

const FAULTS = join(ROOT, 'test', 'verify', 'checks');

/** The names of a stage's checks that have faults. */
export function namesWithFaults(stage: StageName): string[] {
  return filesIn(stage).map(file => file.slice(0, -ENDING.length));
}

/** All faults of a stage, in the order of its checks' names. */
export async function faultsOf(stage: StageName): Promise<readonly Fault[]> {
  const modules = await Promise.all(
    filesIn(stage).map(
      async file => (await import(join(FAULTS, stage, file))) as { readonly faults: readonly Fault[] },
    ),
  );
  return modules.flatMap(({ faults }) => faults);
}

const ENDING = '.fault.ts';

function filesIn(stage: StageName): string[] {
  return readdirSync(join(FAULTS, stage))
    .filter(file => file.endsWith(ENDING))
    .sort();
}
