/** What differs between a run and `docker compose up` typed by a user, as a compose file that is laid over the project's own. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blueprint, BlueprintNode } from '../../blueprint/blueprint.ts';
import { EngineError } from '../../errors.ts';
import type { UpOptions } from '../engine.ts';
import type { RunDirectory } from '../run/run-directory.ts';
import { OWNER_LABEL, ownerLabel } from './client.ts';

const NGINX_FILE = 'nginx/nginx.conf';
const NGINX_TARGET = '/etc/nginx/nginx.conf';

/** @returns the file's path. JSON is YAML. */
export async function writeOverride(
  { blueprint, directory, extraEnv = {} }: UpOptions,
  runDirectory: RunDirectory,
  port: number,
): Promise<string> {
  const volumes: Partial<Record<BlueprintNode['kind'], object[]>> = {};
  if (blueprint.nodes.some(({ kind }) => kind === 'nginx')) {
    const source = join(runDirectory.path, 'nginx.conf');
    const own = await readFile(join(directory, NGINX_FILE), 'utf8').catch(cause => {
      throw new EngineError(`${NGINX_FILE} cannot be read`, {
        hint: 'it is part of this stage: take it back with git',
        cause,
      });
    });
    await writeFile(source, redirectingTo(port, own));
    // nginx does not run as this user, and sees the file as it lies here.
    await chmod(source, 0o644);
    volumes.nginx = [{ type: 'bind', source, target: NGINX_TARGET, read_only: true }];
  }
  const services = Object.fromEntries(
    blueprint.nodes.map(({ name, kind }) => [
      name,
      {
        // A program that dies must stay dead to be seen: Docker would bring it back before anyone looks.
        restart: 'no',
        labels: { [OWNER_LABEL]: ownerLabel() },
        environment: extraEnv[name] ?? {},
        volumes: volumes[kind] ?? [],
      },
    ]),
  );
  const path = join(runDirectory.path, 'override.yaml');
  await writeFile(path, JSON.stringify({ services, secrets: secretsOf(blueprint, runDirectory) }));
  return path;
}

/** The run's own secrets: a fresh clone has none, and an owner's own stay unread. */
function secretsOf({ secrets }: Blueprint, runDirectory: RunDirectory): Record<string, { file: string }> {
  return Object.fromEntries(secrets.map(({ name }) => [name, { file: runDirectory.secretFile(name) }]));
}

/** nginx names the public port in its redirect, and this run's is another one. */
export function redirectingTo(port: number, nginxConf: string): string {
  return nginxConf.replace(
    /(https:\/\/\$host)(?::\d+)?(?=\$request_uri)/g,
    (_, host: string) => `${host}:${port}`,
  );
}
