import { Failure } from '../../errors.ts';
import { installDependencies } from '../../project/install.ts';
import { installCommand, type PackageManager } from '../../project/package-manager.ts';
import type { CommandContext } from '../run.ts';
import { type Created, undoneOnInterrupt } from './steps.ts';

export type Installed =
  | { readonly state: 'installed' | 'skipped' }
  | { readonly state: 'failed'; readonly failure: Failure };

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

/** Shows what an install prints while it runs, and what comes of it. */
export async function tellInstall(
  manager: PackageManager,
  { terminal }: Pick<CommandContext, 'terminal'>,
  install: (onLine: (line: string) => void) => Promise<void>,
): Promise<Installed> {
  const { dim, green, red } = terminal.paint;
  terminal.note(dim(`  ${installCommand(manager)} …`));
  try {
    await install(line => {
      if (line.trim() !== '') terminal.note(dim(`  │ ${line}`));
    });
    terminal.note(`${green('✓')} installed the dependencies`);
    return { state: 'installed' };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.note(`${red('✗')} ${error.message}`);
    return { state: 'failed', failure: error };
  }
}
