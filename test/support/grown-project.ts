/** Generated projects that grow as `grow` does it, without what follows: nothing is installed or run. */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolveAnswers } from '../../src/journey/answers.ts';
import type { Answers, GivenAnswers } from '../../src/journey/options.ts';
import type { StageName } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import type { ChangePlan, FileOutcome } from '../../src/project/change/model.ts';
import { planChange } from '../../src/project/change/plan-change.ts';
import { prepareChange } from '../../src/project/change/prepare-change.ts';
import { openProject } from '../../src/project/generated.ts';
import { recordsOf } from '../../src/project/manifest.ts';
import { commit } from '../../src/project/transaction/commit.ts';
import { VERSION } from '../../src/version.ts';
import { filesBelow } from './tool.ts';

export function answersAt(stage: StageName, given: GivenAnswers = {}): Answers {
  return resolveAnswers({ ...given, stage }, 'shop');
}

/** Writes a project with its manifest and baseline, without secrets. */
export async function generate(directory: string, answers: Answers): Promise<void> {
  const plan = await planProject(answers);
  for (const { path, bytes, mode } of [...plan.files, ...recordsOf(plan, answers, VERSION)]) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
    chmodSync(join(directory, path), mode);
  }
}

export async function growTo(directory: string, answers: Answers): Promise<ChangePlan> {
  const project = await openProject(directory, directory);
  const request = await prepareChange(project, answers, { command: 'grow', mode: 'inline' });
  const change = await planChange(request);
  await commit(directory, { command: 'grow', writes: change.writes, alsoKept: [], summary: {} });
  return change;
}

export function conflictsIn({ files }: ChangePlan): readonly FileOutcome[] {
  return files.filter(({ status }) => status === 'conflict');
}

/** Every file with its mode and bytes, the records among them, but for what undo needs. */
export function everything(directory: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(directory)
      .filter(path => !path.startsWith('.stage/undo/'))
      .map(path => [
        path,
        `${(statSync(join(directory, path)).mode & 0o777).toString(8)} ${readFileSync(join(directory, path), 'latin1')}`,
      ]),
  );
}
