/** The secrets of a run: made by the project's own script. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { EngineError, LOG_TAIL } from '../../errors.ts';
import type { UpOptions } from '../engine.ts';
import { inheritedEnvironment } from './environment.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { RunDirectory } from './run-directory.ts';

/**
 * Makes them. Into the run directory, so that a fresh clone has secrets and an owner's own stay unread; or, for a
 * run that lasts, into the project, where it makes only what is missing.
 * @throws EngineError where the script fails
 */
export async function makeSecrets(
  lifecycle: Lifecycle,
  { directory, lasting }: Pick<UpOptions, 'directory' | 'lasting'>,
): Promise<void> {
  const { code, lines } = await lifecycle.complete({
    command: process.execPath,
    args: [
      join('scripts', 'setup.mjs'),
      ...(lasting ? [] : ['--secrets-dir', lifecycle.runDirectory.secrets]),
    ],
    cwd: directory,
    env: inheritedEnvironment(),
    kind: 'other',
  });
  if (code === 0) return;
  throw new EngineError(
    `scripts/setup.mjs could not make the secrets of this ${lasting ? 'project' : 'run'}`,
    {
      logTail: lines.slice(-LOG_TAIL),
    },
  );
}

/** What the front door shows over TLS (PEM); undefined over plain HTTP. */
export async function certificateOf(
  { frontDoor }: Blueprint,
  runDirectory: RunDirectory,
): Promise<string | undefined> {
  if (frontDoor.scheme === 'http') return undefined;
  return readFile(runDirectory.secretFile('tls_crt'), 'utf8');
}
