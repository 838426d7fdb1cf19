import { installDependencies } from '../../project/install.ts';
import type { CommandContext } from '../run.ts';
import { type Installed, tellInstall } from '../steps/install.ts';
import { type Created, undoneOnInterrupt } from './steps.ts';

/** Installs the project's dependencies. A failure is kept for the end: the project is whole without them. */
export async function installStep(
  { target, manager, project, options }: Pick<Created, 'target' | 'manager' | 'project' | 'options'>,
  context: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<Installed> {
  if (!options.install) return { state: 'skipped' };
  return tellInstall(manager, context, onLine =>
    undoneOnInterrupt(project, context, () =>
      installDependencies({ directory: target.directory, manager, onLine, signal: context.signal }),
    ),
  );
}
