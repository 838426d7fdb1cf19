/** The run directory: everything that a run writes, in one private folder that goes away as a whole. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../../errors.ts';
import { isOpenToOthers, isRoot } from '../../processes/account.ts';

export const RUN_DIRECTORY_PREFIX = 'create-backend-stage-';

export class RunDirectory {
  readonly path: string;
  /** In the run directory, or the project's own. */
  readonly secrets: string;
  readonly logs: string;
  /** Where the programs put their temporary files: what they forget there goes with the run. */
  readonly temporary: string;

  private constructor(path: string, secrets: string) {
    this.path = path;
    this.secrets = secrets;
    this.logs = join(path, 'logs');
    this.temporary = join(path, 'tmp');
  }

  /**
   * Synchronous, so that whoever creates it can put it under guard in the same turn.
   * @param ownSecrets the folder of secrets that the run shall use; absent: one of its own
   * @param andThen what else goes into it at once; should that not work, nothing is left
   * @throws EngineError where the machine has no place for it
   */
  static create(ownSecrets?: string, andThen?: (directory: RunDirectory) => void): RunDirectory {
    const parent = parentFolder();
    let directory: RunDirectory | undefined;
    try {
      const path = mkdtempSync(join(parent, RUN_DIRECTORY_PREFIX));
      directory = new RunDirectory(path, ownSecrets ?? join(path, 'secrets'));
      // PostgreSQL refuses to run as root. Its account passes through this folder into its own; the others stay closed to it.
      if (isRoot()) chmodSync(path, 0o711);
      const folders = [directory.logs, directory.temporary];
      for (const folder of ownSecrets === undefined ? [directory.secrets, ...folders] : folders)
        mkdirSync(folder, { mode: 0o700 });
      andThen?.(directory);
      return directory;
    } catch (error) {
      directory?.removeNow();
      const { code = String(error) } = error as NodeJS.ErrnoException;
      throw new EngineError(`the run's own folder could not be made in ${parent} (${code})`, {
        hint: 'set TMPDIR to a folder that is there, is yours to write to, and has room',
        cause: error,
        lacks: 'machine',
      });
    }
  }

  /** A folder of its own for one node. */
  async folderFor(name: string): Promise<string> {
    const folder = join(this.path, name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  secretFile(name: string): string {
    return join(this.secrets, name);
  }

  /** @throws EngineError when the project's setup script made no such secret. */
  async secret(name: string): Promise<string> {
    try {
      return (await readFile(this.secretFile(name), 'utf8')).trim();
    } catch (error) {
      throw new EngineError(`this run has no secret called ${name}`, {
        hint: 'scripts/setup.mjs makes the secrets; compare it with the generated one',
        cause: error,
      });
    }
  }

  /** In place: a container sees the file itself, not its name. */
  async replaceSecret(name: string, text: string): Promise<void> {
    const path = this.secretFile(name);
    const { mode } = await stat(path);
    await chmod(path, mode | 0o200);
    await writeFile(path, text);
    await chmod(path, mode);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** For a process that is ending and can no longer wait. */
  removeNow(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  }
}

/** The system's temporary folder, or /tmp where PostgreSQL's account could not reach it. */
function parentFolder(): string {
  const folder = tmpdir();
  return isRoot() && !isOpenToOthers(folder) ? '/tmp' : folder;
}
