/** What follows when the files are changed: secrets that are new, the install, the verification, and what is left to do by hand. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../errors.ts';
import type { Answers } from '../../journey/options.ts';
import { type StageName, stagesClimbed } from '../../journey/stages.ts';
import type { PendingFile } from '../../project/change/pending.ts';
import { installDependencies } from '../../project/install.ts';
import {
  detectPackageManager,
  installCommand,
  isPackageFile,
  LOCKFILES,
  type PackageManager,
} from '../../project/package-manager.ts';
import { type Installed, tellInstall } from '../create/install.ts';
import { verifyStep } from '../create/verify.ts';
import { runSetup, SETUP_SCRIPT } from '../create/write.ts';
import type { CommandResult } from '../outcome.ts';
import type { ChangeOptions } from '../program.ts';
import type { CommandContext } from '../run.ts';
import { type Verification, verificationBody, verificationError } from '../verification.ts';
import { adviceOn, conflictError } from './report.ts';

/** A project whose files have changed. */
export interface FollowUp {
  /** Absolute. */
  readonly directory: string;
  /** The stage that it was at. */
  readonly from: StageName;
  /** What it is now. */
  readonly answers: Answers;
  /** The paths that changed. */
  readonly changed: readonly string[];
  readonly conflicts: readonly PendingFile[];
  /** What the change itself leaves to its owner. */
  readonly steps: readonly string[];
  /** What is known of it so far, for the envelope. */
  readonly body: Readonly<Record<string, unknown>>;
}

type Input = {
  readonly options: ChangeOptions;
  readonly context: CommandContext;
  readonly typed: string | undefined;
};

export async function afterwards(followUp: FollowUp, input: Input): Promise<CommandResult> {
  const { context } = input;
  const { directory, answers, conflicts } = followUp;
  const todo = todoOf(followUp);
  if (conflicts.length > 0) {
    // Neither installs nor runs what may have markers in it.
    const steps = [...adviceOn(conflicts), ...todo];
    return {
      ok: false,
      body: { ...followUp.body, installed: 'skipped', nextSteps: steps },
      text: textOf(steps, context),
      error: conflictError(conflicts),
    };
  }
  const manager = managerOf(directory, context);
  await makeSecrets(directory, context);
  const installed = await install(followUp, manager, input);
  const target = { directory, typed: input.typed ?? '.' };
  const verification = await verifyStep({ target, options: input.options }, installed, context);
  const steps = [...(installed.state === 'installed' ? [] : [installCommand(manager)]), ...todo];
  const error = errorOf(answers, installed, verification);
  return {
    ok: error === undefined,
    body: {
      ...followUp.body,
      installed: installed.state,
      packageManager: manager,
      ...verificationBody(verification),
      nextSteps: steps,
    },
    text: textOf(steps, context),
    ...(error ? { error } : {}),
  };
}

function textOf(steps: readonly string[], { terminal }: CommandContext): string {
  if (steps.length === 0) return 'done';
  return [terminal.paintResult.bold('Next'), ...steps.map(step => `  ${step}`)].join('\n');
}

function errorOf(answers: Answers, installed: Installed, verification: Verification) {
  if (installed.state === 'failed') {
    const { code, message, hint } = installed.failure;
    return { code, message, ...(hint === undefined ? {} : { hint }) };
  }
  const error = verificationError(verification, answers.stage);
  if (verification.status !== 'broken') return error;
  return error && { ...error, hint: 'mend what is listed; or take it back with undo' };
}

function todoOf({ from, answers, steps }: FollowUp): string[] {
  return [...steps, ...stagesClimbed(from, answers.stage).flatMap(stage => stage.afterwards)];
}

/** The one whose lock file is there; else the one that started this. */
function managerOf(directory: string, { env }: CommandContext): PackageManager {
  const lock = Object.keys(LOCKFILES).find(name => existsSync(join(directory, name)));
  return (lock === undefined ? undefined : LOCKFILES[lock]) ?? detectPackageManager(env);
}

/** Makes the secrets that the new stage needs, and .env where there is none, by the project's own script. */
async function makeSecrets(directory: string, { terminal, signal }: CommandContext): Promise<void> {
  if (!existsSync(join(directory, SETUP_SCRIPT))) return;
  try {
    await runSetup(directory, signal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    terminal.note(`${terminal.paint.yellow('!')} ${error.message}; ${error.hint ?? ''}`);
  }
}

async function install(
  { directory, changed }: FollowUp,
  manager: PackageManager,
  { options, context }: Input,
): Promise<Installed> {
  if (!changed.some(isPackageFile) && existsSync(join(directory, 'node_modules')))
    return { state: 'installed' };
  if (!options.install) return { state: 'skipped' };
  return tellInstall(manager, context, onLine =>
    installDependencies({ directory, manager, onLine, signal: context.signal }),
  );
}
