import type { Plan } from '../../plan/plan.ts';
import type { RecordFile } from '../../project/manifest.ts';
import type { Target } from '../../project/target.ts';
import { type WrittenProject, writeProject } from '../../project/write.ts';
import { counted } from '../../ui/words.ts';
import type { CommandContext } from '../run.ts';
import { runSetup, SETUP_SCRIPT } from '../steps/setup.ts';
import { undoneOnInterrupt } from './steps.ts';

export interface WriteInput {
  readonly target: Target;
  readonly plan: Plan;
  readonly files: readonly RecordFile[];
}

/** Writes the project, all of it or nothing. */
export async function writeStep(
  { target, plan, files }: WriteInput,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<WrittenProject> {
  const hasSetup = plan.files.some(file => file.path === SETUP_SCRIPT);
  const prepare = async (directory: string) => {
    if (hasSetup) await runSetup(directory, 'nothing was written', signal);
  };
  const project = await writeProject({ target, files, prepare, signal });
  return undoneOnInterrupt(project, { signal }, async () => {
    terminal.note(
      `${terminal.paint.green('✓')} wrote ${counted(plan.files.length, 'file')} to ${target.typed}`,
    );
    return project;
  });
}
