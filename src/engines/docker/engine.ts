/**
 * The Docker engine: the project's own compose.yaml on the Docker Engine that `docker` reaches, under a name of its own, on
 * free ports of loopback, and gone afterwards: containers, networks, volumes and images. A tool that is killed leaves that to
 * its watchdog; what a crash of the machine leaves is taken down by the next run.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { LOG_TAIL } from '../../errors.ts';
import { runProcess } from '../../processes/run.ts';
import type { Availability, Engine, Running, UpOptions } from '../engine.ts';
import { type Lifecycle, startWatched } from '../run/lifecycle.ts';
import { LOOPBACK } from '../run/ports.ts';
import { certificateOf, makeSecrets } from '../run/secrets.ts';
import { waitForFrontDoor } from '../run/wait.ts';
import { Docker } from './client.ts';
import { writeOverride } from './override.ts';
import { DockerRunning } from './running.ts';

const PROBE_MS = 10_000;
const PORT_TAKEN = /port is already allocated|address already in use/;

export const dockerEngine: Engine = {
  name: 'docker',
  available,
  async up(options) {
    try {
      return await upOnce(options);
    } catch (error) {
      // Somebody else was faster at a free port.
      if (options.frontDoor === undefined && PORT_TAKEN.test(String(error))) return upOnce(options);
      throw error;
    }
  },
};

function upOnce(options: UpOptions): Promise<Running> {
  return startWatched(options, lifecycle => boot(lifecycle, options));
}

async function available(_blueprint: Blueprint, directory?: string): Promise<Availability> {
  const engine = await failureOf('version', '--format', '{{.Server.Version}}');
  if (engine?.includes('ENOENT'))
    return no('docker is not installed', 'see https://docs.docker.com/engine/install');
  if (engine !== undefined) {
    return engine.includes('permission denied')
      ? no('the Docker Engine does not let this user in', 'sudo usermod -aG docker $USER, and log in again')
      : no('no Docker Engine answers', 'start Docker Desktop, or: sudo systemctl start docker');
  }
  if ((await failureOf('compose', 'version')) !== undefined)
    return no('docker has no Compose v2', 'see https://docs.docker.com/compose/install');
  return directory === undefined || existsSync(join(directory, 'package-lock.json'))
    ? { available: true }
    : no(
        'the image is built from package-lock.json, and there is none',
        `run npm install --package-lock-only in ${directory}`,
      );
}

function no(reason: string, hint: string): Availability {
  return { available: false, reason, hint };
}

/** What a quick docker command complains of; undefined when it works. */
async function failureOf(...args: string[]): Promise<string | undefined> {
  try {
    const { exitCode, lines } = await runProcess({ command: 'docker', args, timeoutMs: PROBE_MS });
    return exitCode === 0 ? undefined : lines.join(' ');
  } catch (error) {
    return String(error);
  }
}

async function boot(lifecycle: Lifecycle, options: UpOptions): Promise<Running> {
  const { blueprint, directory, onProgress } = options;
  const { runDirectory } = lifecycle;
  await makeSecrets(lifecycle, options);
  const port = await lifecycle.port(options.frontDoor?.port);
  const isTls = blueprint.frontDoor.redirectPort !== undefined;
  const redirectPort = isTls ? await lifecycle.port(options.frontDoor?.redirectPort) : undefined;
  const docker = new Docker(lifecycle, {
    project: basename(runDirectory.path).toLowerCase(),
    files: [join(directory, 'compose.yaml'), await writeOverride(options, runDirectory, port)],
    ports: isTls
      ? { HTTPS_PORT: `${LOOPBACK}:${port}`, HTTP_PORT: `${LOOPBACK}:${redirectPort}` }
      : { PORT: `${LOOPBACK}:${port}` },
  });
  await docker.sweep();
  lifecycle.undoBy(docker.undo());
  const running = new DockerRunning({
    lifecycle,
    docker,
    blueprint,
    frontDoor: {
      scheme: blueprint.frontDoor.scheme,
      host: LOOPBACK,
      port,
      ...(redirectPort === undefined ? {} : { redirectPort }),
    },
    certificate: await certificateOf(blueprint, runDirectory),
  });
  await docker.build(onProgress);
  options.onBuilt?.();
  await docker.up(onProgress, () => running.failedLog());
  await running.look();
  await waitForFrontDoor(blueprint, port, lifecycle.closing, async () =>
    (await running.logs(blueprint.frontDoor.node)).slice(-LOG_TAIL),
  );
  if (options.onLog) docker.follow(options.onLog);
  return running;
}
