/** What the steps of `create` share. */
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { UsageError } from '../../errors.ts';
import type { Answers } from '../../journey/options.ts';
import type { Plan } from '../../plan/plan.ts';
import type { RecordFile } from '../../project/manifest.ts';
import type { PackageManager } from '../../project/package-manager.ts';
import type { Target } from '../../project/target.ts';
import { collisions, type WrittenProject } from '../../project/write.ts';
import { firstFew } from '../../ui/words.ts';
import type { CreateOptions } from '../program.ts';
import type { CommandContext } from '../run.ts';

/** Milliseconds by step. */
export type StepTimer = Record<string, number>;

export interface Chosen {
  readonly target: Target;
  readonly answers: Answers;
}

/** What is known once the project is on disk. Steps declare what they read of it. */
export interface Created {
  readonly target: Target;
  readonly answers: Answers;
  readonly blueprint: Blueprint;
  readonly plan: Plan;
  readonly manager: PackageManager;
  readonly project: WrittenProject;
  readonly timings: StepTimer;
  readonly options: CreateOptions;
}

export async function timed<T>(timings: StepTimer, name: string, step: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const value = await step();
  timings[name] = Math.round(performance.now() - start);
  return value;
}

/** Runs a step after which, if it was interrupted, the project would be half done: then all of it is taken back. */
export async function undoneOnInterrupt<T>(
  project: WrittenProject,
  { signal }: Pick<CommandContext, 'signal'>,
  step: () => Promise<T>,
): Promise<T> {
  try {
    const value = await step();
    signal.throwIfAborted();
    return value;
  } catch (error) {
    if (signal.aborted) await project.undo();
    throw error;
  }
}

/** @throws UsageError listing the files that are in the way */
export async function refuseCollisions(
  target: Target,
  files: readonly RecordFile[],
  force: boolean,
): Promise<void> {
  if (target.empty) return;
  const inTheWay = await collisions(target.directory, files);
  if (inTheWay.length > 0) {
    throw new UsageError(
      `${target.typed} is not empty; in the way: ${firstFew(inTheWay)}`,
      force
        ? '--force keeps files that differ: move them away first'
        : 'choose another directory, or move them away',
    );
  }
  if (!force) throw notEmpty(target);
}

export function notEmpty(target: Target): UsageError {
  return new UsageError(
    `${target.typed} is not empty`,
    'choose another directory, or --force to write what does not collide',
  );
}
