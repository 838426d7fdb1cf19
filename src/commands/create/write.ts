import { join } from 'node:path';
import { Failure, LOG_TAIL } from '../../errors.ts';
import type { Plan } from '../../plan/plan.ts';
import { runProcess } from '../../processes/run.ts';
import type { RecordFile } from '../../project/manifest.ts';
import type { Target } from '../../project/target.ts';
import { type WrittenProject, writeProject } from '../../project/write.ts';
import { counted } from '../../ui/words.ts';
import type { CommandContext } from '../run.ts';
import { undoneOnInterrupt } from './steps.ts';

export interface WriteInput {
  readonly target: Target;
  readonly plan: Plan;
  readonly files: readonly RecordFile[];
}

/** The project's own script that makes `.env` and the secrets: what must never be generated, since it would be the same for all. */
export const SETUP_SCRIPT = 'scripts/setup.mjs';

/** Writes the project, all of it or nothing. */
export async function writeStep(
  { target, plan, files }: WriteInput,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<WrittenProject> {
  const hasSetup = plan.files.some(file => file.path === SETUP_SCRIPT);
  const prepare = async (directory: string) => {
    if (hasSetup) await runSetup(directory, signal);
  };
  const project = await writeProject({ target, files, prepare, signal });
  return undoneOnInterrupt(project, { signal }, async () => {
    terminal.note(
      `${terminal.paint.green('✓')} wrote ${counted(plan.files.length, 'file')} to ${target.typed}`,
    );
    return project;
  });
}

export async function runSetup(directory: string, signal: AbortSignal): Promise<void> {
  const { exitCode, lines } = await runProcess({
    command: process.execPath,
    args: [join(directory, SETUP_SCRIPT)],
    cwd: directory,
    signal,
  });
  if (exitCode !== 0) {
    throw new Failure('setup-failed', 'the secrets could not be made, and nothing was written', {
      hint: lines.at(-1) ?? 'create-backend-stage doctor shows what is missing',
      logTail: lines.slice(-LOG_TAIL),
    });
  }
}
