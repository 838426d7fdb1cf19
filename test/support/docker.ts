/** Whether containers can be run here: asked once for a test file, and said in its title where they cannot. */
import { execFileSync } from 'node:child_process';

const PROBE_MS = 20_000;

export interface DockerNeeds {
  /** Images that have to be here already, for tests that must not pull any. */
  readonly images?: readonly string[];
}

/** Why there is no testing with Docker on this machine, in one line; undefined where it can be done. */
export function whyNoDocker({ images = [] }: DockerNeeds = {}): string | undefined {
  return (
    complaintOf(['info', '--format', '{{.ServerVersion}}']) ??
    complaintOf(['compose', 'version']) ??
    (images.length > 0 ? complaintOf(['image', 'inspect', '--format', '{{.Id}}', ...images]) : undefined)
  );
}

export interface DockerThing {
  /** `container`, `network`, `volume` or `image`. */
  readonly kind: string;
  readonly name: string;
}

/** All that Docker has, but for the build cache, which no run can call its own. @param prefix only what is called so */
export function everythingInDocker(prefix = ''): DockerThing[] {
  const list = (kind: string, ...args: string[]) =>
    execFileSync('docker', args, { encoding: 'utf8' })
      .split('\n')
      .filter(name => name !== '' && name.startsWith(prefix))
      .map(name => ({ kind, name }));
  return [
    ...list('container', 'ps', '--all', '--format', '{{.Names}}'),
    ...list('network', 'network', 'ls', '--format', '{{.Name}}'),
    ...list('volume', 'volume', 'ls', '--format', '{{.Name}}'),
    ...list('image', 'images', '--all', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'),
  ];
}

function complaintOf(args: readonly string[]): string | undefined {
  try {
    execFileSync('docker', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: PROBE_MS });
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer };
    const said = stderr?.toString().trim() || message;
    return `docker ${args[0]}: ${said.split('\n').at(-1)}`;
  }
}

/** The title of a group of tests that `describe.skipIf(reason !== undefined)` may leave out: then it says why. */
export function titleWithDocker(title: string, reason: string | undefined): string {
  if (reason === undefined) return title;
  console.warn(`NOT TESTED: ${title}. ${reason}`);
  return `${title} (not tested: ${reason})`;
}
