/** Copies that come, go and move while requests are under way, and which of them the proxy in front really asks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { ComposeProject } from './compose-project.ts';
import { addressOf, type Container, nameOf, serviceOf } from './probes.ts';

/** How soon a proxy has to follow. */
const FOLLOWS_WITHIN_MS = 10_000;
/** Requests of this time are looked at: with some 60 a second, no copy is left out by chance. */
const WINDOW_MS = 1_500;
const POLL_MS = 250;
const MOST_SQUATTERS = 10;

/** Running containers of a service. */
export async function copiesOf(project: ComposeProject, service: string): Promise<Container[]> {
  const all = await project.containers();
  return all.filter(each => serviceOf(each) === service && each.State.Running);
}

/** The servers that a proxy's access log names for the last requests: haproxy's slots, or nginx's addresses. */
async function askedLately(proxy: Container): Promise<Set<string>> {
  const since = new Date(Date.now() - WINDOW_MS).toISOString();
  const { stdout } = await execa('docker', ['logs', '--since', since, proxy.Id]);
  const entries = stdout.split('\n').flatMap(line => {
    if (!line.startsWith('{"time"')) return [];
    return [JSON.parse(line) as { server?: string; upstream?: string; status: number }];
  });
  return new Set(
    entries
      .flatMap(({ server, upstream = '' }) => (server ? [server] : upstream.split(/[ ,:]+/)))
      .filter(isServer),
  );
}

/** Not `<NOSRV>`, `-`, a port, or an upstream's name. */
function isServer(name: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) || /^[a-z]+\d+$/.test(name);
}

/** Waits until a proxy asks all `copies` and nobody else. @returns ms that took. @throws Error after 10 s */
export async function followed(proxy: Container, copies: readonly Container[]): Promise<number> {
  const started = performance.now();
  const addresses = copies.map(copy => addressOf(copy, 'app') ?? 'none');
  let asked = new Set<string>();
  while (performance.now() - started < FOLLOWS_WITHIN_MS) {
    asked = await askedLately(proxy);
    const byAddress = [...asked].some(each => each.includes('.'));
    const isAll = asked.size === copies.length && (!byAddress || addresses.every(each => asked.has(each)));
    if (isAll) return Math.round(performance.now() - started);
    await sleep(POLL_MS);
  }
  throw new Error(
    `${nameOf(proxy)} asks ${[...asked].join(', ')} after ${FOLLOWS_WITHIN_MS} ms; there are ${addresses.join(', ')}`,
  );
}

/**
 * Takes a container away without a word, and has Compose make another one that gets another address: something else has taken
 * the old one meanwhile. @returns the new container
 */
export async function moved(
  project: ComposeProject,
  container: Container,
  replicas: number,
): Promise<Container> {
  const service = serviceOf(container);
  const before = addressOf(container, 'app');
  const others = (await copiesOf(project, service)).map(each => each.Id);
  await execa('docker', ['rm', '--force', container.Id]);
  const squatters: string[] = [];
  try {
    // Docker gives the lowest address that is free: there may be others below.
    while (squatters.length === 0 || (await squattedBy(squatters.at(-1))) !== before) {
      if (squatters.length === MOST_SQUATTERS) throw new Error(`nobody else gets the address ${before}`);
      squatters.push(await startSquatter(project, squatters.length));
    }
    await project.compose(
      ...[
        'up',
        '--detach',
        '--wait',
        '--no-recreate',
        '--no-deps',
        '--scale',
        `${service}=${replicas}`,
        service,
      ],
    );
  } finally {
    await execa('docker', ['rm', '--force', ...squatters]);
  }
  const made = (await copiesOf(project, service)).find(each => !others.includes(each.Id));
  if (made === undefined) throw new Error(`${service} has no new container`);
  if (addressOf(made, 'app') === before)
    throw new Error(`the new ${nameOf(made)} has the old address ${before}`);
  return made;
}

async function startSquatter(project: ComposeProject, number: number): Promise<string> {
  const settings = ['--detach', '--name', `${project.name}-squatter-${number}`, '--init'];
  const network = ['--network', `${project.name}_app`];
  return (
    await execa('docker', ['run', ...settings, ...network, '--entrypoint', 'sleep', 'node:24-slim', '600'])
  ).stdout;
}

async function squattedBy(id = ''): Promise<string> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return (await execa('docker', ['inspect', '--format', format, id])).stdout;
}

/** What tells a restart: another container, another start of it, or a restart by Docker. */
export function startsOf(container: Container): string {
  return `${container.Id} ${container.State.StartedAt} ${container.RestartCount}`;
}
