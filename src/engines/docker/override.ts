/** What differs between a run and `docker compose up` typed by a user, as a compose file that is laid over the project's own. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { EngineError } from '../../errors.ts';
import { pieceOf } from '../../pieces/index.ts';
import type { ConfigFile } from '../../pieces/piece.ts';
import type { UpOptions } from '../engine.ts';
import type { RunDirectory } from '../run/run-directory.ts';
import { OWNER_LABEL, ownerLabel } from './client.ts';

/** @returns the file's path. JSON is YAML. */
export async function writeOverride(
  { blueprint, directory, extraEnv = {} }: UpOptions,
  runDirectory: RunDirectory,
  port: number,
): Promise<string> {
  const services: Record<string, object> = {};
  for (const node of blueprint.nodes) {
    const { config } = pieceOf(node);
    services[node.name] = {
      // A program that dies must stay dead to be seen: Docker would bring it back before anyone looks.
      restart: 'no',
      labels: { [OWNER_LABEL]: ownerLabel() },
      environment: extraEnv[node.name] ?? {},
      volumes: config ? await configVolumes(config, directory, runDirectory, port) : [],
    };
  }
  const path = join(runDirectory.path, 'override.yaml');
  await writeFile(path, JSON.stringify({ services, secrets: secretsOf(blueprint, runDirectory) }));
  return path;
}

/** A configuration that names the public port, with this run's in its place. */
async function configVolumes(
  { path, publicPort }: ConfigFile,
  directory: string,
  runDirectory: RunDirectory,
  port: number,
): Promise<object[]> {
  if (!publicPort) return [];
  const own = await readFile(join(directory, path), 'utf8').catch(cause => {
    throw new EngineError(`${path} cannot be read`, {
      hint: 'it is part of this stage: take it back with git',
      cause,
    });
  });
  const source = join(runDirectory.path, basename(path));
  await writeFile(source, publicPort.replace(own, port));
  // The proxy does not run as this user, and sees the file as it lies here.
  await chmod(source, 0o644);
  return [{ type: 'bind', source, target: publicPort.mountedAt, read_only: true }];
}

/** The run's own secrets: a fresh clone has none, and an owner's own stay unread. */
function secretsOf({ secrets }: Blueprint, runDirectory: RunDirectory): Record<string, { file: string }> {
  return Object.fromEntries(secrets.map(({ name }) => [name, { file: runDirectory.secretFile(name) }]));
}
