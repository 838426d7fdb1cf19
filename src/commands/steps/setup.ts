import { join } from 'node:path';
import { Failure, LOG_TAIL } from '../../errors.ts';
import { runProcess } from '../../processes/run.ts';

/** The project's own script that makes `.env` and the secrets: what must never be generated, since it would be the same for all. */
export const SETUP_SCRIPT = 'scripts/setup.mjs';

/** Runs it. @param outcome what came of the rest, for the message. @throws Failure with what it printed last */
export async function runSetup(directory: string, outcome: string, signal: AbortSignal): Promise<void> {
  const { exitCode, lines } = await runProcess({
    command: process.execPath,
    args: [join(directory, SETUP_SCRIPT)],
    cwd: directory,
    signal,
  });
  if (exitCode !== 0) {
    throw new Failure('setup-failed', `the secrets could not be made, and ${outcome}`, {
      hint: lines.at(-1) ?? 'create-backend-stage doctor shows what is missing',
      logTail: lines.slice(-LOG_TAIL),
    });
  }
}
