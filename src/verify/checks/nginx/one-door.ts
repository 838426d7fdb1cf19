import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { findPage } from '../../http/page.ts';
import { everyCopy, healthPathsOf, programs } from '../../system/nodes.ts';

/** What only insiders ask a program. */
const OF_PROGRAMS = ['/livez', '/readyz', '/metrics', '/inbox', '/internal'];
/** What only insiders ask of whatever stands at the door. */
const OF_PROXIES = ['/admin', '/nginx_status', '/stats'];

export const nginxOneDoor: Guarantee = {
  id: 'nginx.one-door',
  lines: ['F1', 'F11'],
  title: 'nothing but nginx is reachable from outside',
  from: 'nginx',
  needs: [],
  async check(world) {
    const [left] = (await world.running.leftOver?.()) ?? [];
    expect(
      left === undefined,
      `${left} still runs, which compose.yaml has no longer: docker compose up --remove-orphans takes it away`,
    );
    const hidden = await expectInternalsHidden(world);
    const hosts = outsideAddresses();
    const ports = innerPorts(world);
    for (const { node, port } of ports) {
      for (const host of hosts) {
        expect(
          !(await accepts(host, port)),
          `${node} accepts connections on ${host}:${port}: only nginx may`,
        );
      }
    }
    return kept(`${hidden} internal paths are 404; ${toldOf(ports.length, hosts)}`, {
      internalPaths: hidden,
      innerPorts: ports.length,
      outsideAddresses: hosts.length,
    });
  },
};

function toldOf(ports: number, hosts: readonly string[]): string {
  if (ports === 0) return 'no port of this machine leads past nginx';
  return hosts.length === 0
    ? 'this machine has no address but loopback: that nothing else is reachable from outside could not be tried'
    : `${ports} inner ports closed on ${hosts.join(', ')}`;
}

async function expectInternalsHidden(world: World): Promise<number> {
  const { door, blueprint } = world;
  const health = programs(blueprint).flatMap(healthPathsOf);
  const atRoot = new Set([...OF_PROGRAMS, ...OF_PROXIES, ...health]);
  const requests = [
    ...[...atRoot].map(path => ({ method: 'GET', path, from: 'root' as const })),
    ...OF_PROGRAMS.flatMap(path => ['GET', 'POST'].map(method => ({ method, path, from: 'base' as const }))),
  ];
  const page = await findPage(world);
  for (const { method, path, from } of requests) {
    const response = await door.request(method, path, { from, ...(method === 'POST' ? { body: {} } : {}) });
    // Where the owner has one page for every path, it tells nothing.
    const isPage = from === 'root' && response.text === page?.response.text;
    expect(response.status === 404 || isPage, `${describe(response)} through the front door, not 404`);
  }
  return requests.length;
}

function outsideAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(list =>
    (list ?? []).filter(each => !each.internal && each.family === 'IPv4').map(each => each.address),
  );
}

/** Every port of this machine that leads behind the front door. */
function innerPorts({ running, blueprint }: World): { node: string; port: number }[] {
  return everyCopy(blueprint)
    .filter(({ node }) => node !== blueprint.frontDoor.node)
    .flatMap(({ node, copy }) => running.published(node, copy).map(({ port }) => ({ node, port })));
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = net.connect({ host, port, timeout: 1_000 });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => done(true));
    socket.on('timeout', () => done(false));
    socket.on('error', () => done(false));
  });
}
