import { codeOf, Failure, LOG_TAIL } from '../errors.ts';
import { runProcess } from '../processes/run.ts';
import { installArguments, installCommand, type PackageManager } from './package-manager.ts';

export interface InstallRequest {
  readonly directory: string;
  readonly manager: PackageManager;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

const INSTALL_ENVIRONMENT = {
  // There is no lock file yet: a frozen install, as Yarn does it in CI, would fail.
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  // Yarn's own way of linking leaves no node_modules, which `tsx` and the project's programs look for.
  YARN_NODE_LINKER: 'node-modules',
  // Type checking and the tests of the project need its development dependencies.
  NODE_ENV: 'development',
};

/** @throws Failure saying what to run by hand; the project stays */
export async function installDependencies(request: InstallRequest): Promise<void> {
  const { manager, directory } = request;
  const hint = `the project is written and complete: run "${installCommand(manager)}" in ${directory}`;
  try {
    const { exitCode, lines } = await runProcess({
      command: manager,
      args: installArguments(manager),
      cwd: directory,
      env: INSTALL_ENVIRONMENT,
      onLine: request.onLine,
      signal: request.signal,
    });
    if (exitCode === 0) return;
    throw new Failure('install-failed', `${installCommand(manager)} failed (exit code ${exitCode})`, {
      hint,
      logTail: lines.slice(-LOG_TAIL),
    });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new Failure('install-failed', `there is no ${manager} on the PATH`, { hint, cause: error });
  }
}
