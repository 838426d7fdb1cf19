/** The run directory: everything that a run writes, in one private folder that goes away as a whole. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../engine.ts';
import { isOpenToOthers } from './embedded-postgres.ts';

export const RUN_DIRECTORY_PREFIX = 'create-backend-stage-';

export class RunDirectory {
  readonly path: string;
  readonly secrets: string;
  readonly logs: string;
  /** Where the programs put their temporary files: what they forget there goes with the run. */
  readonly temporary: string;

  private constructor(path: string) {
    this.path = path;
    this.secrets = join(path, 'secrets');
    this.logs = join(path, 'logs');
    this.temporary = join(path, 'tmp');
  }

  /** Synchronous, so that whoever creates it can put it under guard in the same turn. */
  static create(): RunDirectory {
    const directory = new RunDirectory(mkdtempSync(join(parentFolder(), RUN_DIRECTORY_PREFIX)));
    // PostgreSQL refuses to run as root. Its account passes through this folder into its own; the others stay closed to it.
    if (process.getuid?.() === 0) chmodSync(directory.path, 0o711);
    for (const folder of [directory.secrets, directory.logs, directory.temporary]) {
      mkdirSync(folder, { mode: 0o700 });
    }
    return directory;
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
  return process.getuid?.() === 0 && !isOpenToOthers(folder) ? '/tmp' : folder;
}
