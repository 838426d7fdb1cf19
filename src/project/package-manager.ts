/** Which package manager the person uses, and how each one spells what we ask of it. */
import { shellWord } from '../ui/words.ts';

export const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type PackageManager = (typeof PACKAGE_MANAGERS)[number];

const TOOL = 'create-backend-stage';

/**
 * Read off the user agent that all of them set for what they run: `pnpm/10.1.0 npm/? node/v24.0.0 linux x64`. npm where there is
 * none, or an unknown one.
 */
export function detectPackageManager(env: Readonly<Record<string, string | undefined>>): PackageManager {
  const name = env.npm_config_user_agent?.split('/')[0];
  return PACKAGE_MANAGERS.find(known => known === name) ?? 'npm';
}

/** What each package manager writes beside package.json. */
export const LOCKFILES: Readonly<Record<string, PackageManager>> = {
  'package-lock.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};

/** Whether a change of this file asks for an install. */
export function isPackageFile(path: string): boolean {
  return /(^|\/)package\.json$/.test(path);
}

/** Arguments of the package manager that install a project's dependencies: no advertising, no audit, no notices. */
export function installArguments(manager: PackageManager): readonly string[] {
  return manager === 'npm' ? ['install', '--no-audit', '--no-fund', '--loglevel=error'] : ['install'];
}

/** As a person types it. */
export function installCommand(manager: PackageManager): string {
  return `${manager} install`;
}

/** Runs one of the project's scripts, as a person types it. */
export function scriptCommand(manager: PackageManager, script: string): string {
  return manager === 'yarn' ? `yarn ${script}` : `${manager} run ${script}`;
}

/** This tool with these arguments, as a person types it. */
export function toolCommand(manager: PackageManager, version: string, words: readonly string[]): string {
  const runners: Record<PackageManager, string> = {
    npm: `npx ${TOOL}@${version}`,
    pnpm: `pnpm dlx ${TOOL}@${version}`,
    yarn: `yarn create ${TOOL.slice('create-'.length)}@${version}`,
    bun: `bunx ${TOOL}@${version}`,
  };
  return [runners[manager], ...words.map(shellWord)].join(' ');
}
