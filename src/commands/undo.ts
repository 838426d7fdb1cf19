/** `create-backend-stage undo [directory]`: takes back the last grow or regenerate. */
import { resolve } from 'node:path';
import { readManifest } from '../project/manifest.ts';
import { isPackageFile } from '../project/package-manager.ts';
import { lockProject } from '../project/transaction/lock.ts';
import { refuseInterrupted } from '../project/transaction/recover.ts';
import { undoLast } from '../project/transaction/undo.ts';
import { counted } from '../ui/words.ts';
import type { CommandResult } from './outcome.ts';
import type { CommandContext } from './run.ts';

interface UndoOptions {
  readonly allowDirty?: boolean;
}

export async function undo(
  typed: string | undefined,
  options: UndoOptions,
  { cwd, terminal }: CommandContext,
): Promise<CommandResult> {
  const directory = resolve(cwd, typed ?? '.');
  await readManifest(directory);
  refuseInterrupted(directory, 'grow');
  const lock = await lockProject(directory, 'undo');
  try {
    const undone = await undoLast(directory, { discard: options.allowDirty === true });
    const { green } = terminal.paintResult;
    const kept = [
      ...undone.saved.map(path => `  ${path} holds what you had written there since`),
      ...undone.left.map(path => `  ${path} stays as you have changed it since`),
    ];
    const files = undone.files.filter(path => !path.startsWith('.stage/'));
    const text = `${green('✓')} took back the last ${undone.command}: ${counted(files.length, 'file')} as before`;
    const installs = undone.files.some(isPackageFile);
    const steps = installs ? ['install the dependencies again, such as by npm install'] : [];
    return {
      ok: true,
      body: {
        directory,
        undone: undone.command,
        files,
        saved: undone.saved,
        left: undone.left,
        nextSteps: steps,
      },
      text: [text, ...kept, ...steps.map(step => `  ${step}`)].join('\n'),
    };
  } finally {
    lock.release();
  }
}
