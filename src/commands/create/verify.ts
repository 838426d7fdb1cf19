import { Cancelled, Failure } from '../../errors.ts';
import { openAnyhow } from '../../project/generated.ts';
import type { Target } from '../../project/target.ts';
import { cut } from '../../ui/words.ts';
import { guaranteeIds } from '../guarantee-ids.ts';
import type { CreateOptions } from '../program.ts';
import type { CommandContext } from '../run.ts';
import { runVerification, type Verification, verdict } from '../verification.ts';
import type { Installed } from './install.ts';

/** What there is to verify, and how it was asked for. */
export interface ToVerify {
  readonly target: Pick<Target, 'directory' | 'typed'>;
  readonly options: Pick<CreateOptions, 'verify' | 'engine' | 'allowUnverified'>;
}

/** Checks by running it that the project keeps what its stage promises. Interrupted, the project stays: it is complete. */
export async function verifyStep(
  toVerify: ToVerify,
  installed: Installed,
  context: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<Verification> {
  const verification = await verify(toVerify, installed, context);
  context.terminal.note(verdict(verification, context));
  return verification;
}

async function verify(
  { target, options }: ToVerify,
  installed: Installed,
  context: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<Verification> {
  if (!options.verify) return { status: 'skipped', reason: 'you said --no-verify' };
  if (installed.state !== 'installed') {
    return { status: 'not-verified', reason: 'its dependencies are not installed' };
  }
  try {
    return await run({ target, options }, context);
  } catch (error) {
    if (context.signal.aborted) throw new Cancelled(`${target.typed} is complete, but not verified`);
    // A project that does not build is written all the same; its owner gets the whole report.
    if (!(error instanceof Failure)) throw error;
    for (const line of error.logTail) context.terminal.note(context.terminal.paint.dim(`      ${cut(line)}`));
    return { status: 'broken', reason: error.message };
  }
}

/** As the project is now: growing has just merged its stage file. */
async function run(
  { target: { directory }, options }: ToVerify,
  context: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<Verification> {
  const { blueprint, stageFile, problem } = await openAnyhow(directory, directory, guaranteeIds);
  if (problem) return { status: 'broken', reason: problem.message };
  const { engine: engineName, allowUnverified } = options;
  const request = { directory, blueprint, stageFile, engineName };
  return await runVerification(
    { ...request, ...(allowUnverified === undefined ? {} : { allowUnverified }) },
    context,
  );
}
