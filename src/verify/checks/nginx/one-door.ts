import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { everyCopy } from '../../system/nodes.ts';

const INTERNAL = [
  '/livez',
  '/readyz',
  '/metrics',
  '/inbox',
  '/internal',
  '/admin',
  '/nginx_status',
  '/stats',
];

export const nginxOneDoor: Guarantee = {
  id: 'nginx.one-door',
  lines: ['F1', 'F11'],
  title: 'nothing but nginx is reachable from outside',
  from: 'nginx',
  async check(world) {
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

async function expectInternalsHidden({ shop }: World): Promise<number> {
  const requests = INTERNAL.flatMap(path => [
    { method: 'GET', path, from: 'root' as const },
    { method: 'GET', path, from: 'base' as const },
    { method: 'POST', path, from: 'base' as const },
  ]);
  for (const { method, path, from } of requests) {
    const response = await shop.request(method, path, { from, ...(method === 'POST' ? { body: {} } : {}) });
    expect(response.status === 404, `${describe(response)} through the front door, not 404`);
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
