import { type GitOutcome, startRepository } from '../../project/git.ts';
import type { CommandContext } from '../run.ts';
import { type Created, undoneOnInterrupt } from './steps.ts';

const DONE: Readonly<Record<GitOutcome['state'], string | undefined>> = {
  committed: 'started a git repository with a first commit',
  initialised: 'started a git repository',
  'inside-repository': undefined,
  unavailable: undefined,
};

/** Starts a git repository, where there is none around the project. */
export async function repositoryStep(
  { target, answers, project, options }: Pick<Created, 'target' | 'answers' | 'project' | 'options'>,
  context: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<GitOutcome['state'] | 'skipped'> {
  if (!options.git) return 'skipped';
  const { terminal, signal } = context;
  const outcome = await undoneOnInterrupt(project, context, () =>
    startRepository(target.directory, `Start at the ${answers.stage} stage`, signal),
  );
  const done = DONE[outcome.state];
  if (done) terminal.note(`${terminal.paint.green('✓')} ${done}`);
  if (outcome.warning) terminal.note(`${terminal.paint.yellow('!')} ${outcome.warning}`);
  return outcome.state;
}
