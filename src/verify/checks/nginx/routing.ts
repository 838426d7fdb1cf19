import { type NginxRoute, nodesOfKind } from '../../../blueprint/blueprint.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpResponse } from '../../http/client.ts';
import { newMark } from '../../http/mark.ts';
import { findPage } from '../../http/page.ts';
import { sentOnTo } from '../../system/nginx-log.ts';
import { everyCopy } from '../../system/nodes.ts';
import { heardBehind } from '../../system/stand-in.ts';

/** Where no file is. */
const NO_FILES = ['/no-such-route', '/no-such-file', '/images/no-such-image.png'];

/** What is rewritten on its way comes out of this as something else. */
const TELLING_PATH = '/no-such-route/a%2Fb//c;d?e=%20%2F&&f';

export const nginxRouting: Guarantee = {
  id: 'nginx.routing',
  lines: ['F10'],
  title: '/api goes to the program, everything else to files',
  from: 'nginx',
  needs: [],
  async check(world) {
    const { blueprint, door } = world;
    const routes = nodesOfKind(blueprint, 'nginx').flatMap(nginx => nginx.routes);
    for (const route of routes) await expectRouted(world, route);
    await expectPathKept(world);

    const page = await findPage(world);
    const files = ['/', ...(page?.texts ?? []), ...(page?.images ?? []), ...NO_FILES];
    for (const path of files) {
      const { response, upstreams } = await asked(world, headers =>
        door.get(path, { headers, from: 'root' }),
      );
      expect(
        response.status < 500 && upstreams.length === 0,
        `${describe(response)}, and not by nginx itself`,
      );
    }
    for (const path of files.filter(each => each !== '/')) {
      const { response, upstreams } = await asked(world, headers => door.get(path, { headers }));
      expect(upstreams.length > 0, `${describe(response)} by nginx itself: ${path} is no path of the API`);
    }
    return kept(`/api and ${routes.length} route(s) reach their programs; other paths are files or 404`, {
      routes: routes.length,
    });
  },
};

/** @throws Broken unless the path comes to the program as it was sent */
async function expectPathKept(world: World): Promise<void> {
  const sent = `${world.blueprint.frontDoor.basePath}${TELLING_PATH}`;
  const heard = await heardBehind(world, {}, TELLING_PATH);
  expect(
    heard === undefined || heard.path === sent,
    `the program is asked for ${heard?.path}, and not for ${sent}`,
  );
}

interface Asked {
  readonly response: HttpResponse;
  /** Where nginx sent the request on to. */
  readonly upstreams: readonly string[];
}

async function asked(
  world: World,
  send: (headers: Readonly<Record<string, string>>) => Promise<HttpResponse>,
): Promise<Asked> {
  const id = newMark(world.random);
  const response = await send({ 'x-request-id': id });
  return { response, upstreams: await sentOnTo(world, id) };
}

/** @throws Broken unless a route leads to its own program, or to whoever balances that */
async function expectRouted(world: World, { prefix, upstream }: NginxRoute): Promise<void> {
  const { blueprint, running, door } = world;
  const path = prefix === '' ? '/no-such-route' : prefix;
  const { response, upstreams } = await asked(world, headers => door.get(path, { headers }));
  expect(response.status < 500, `${describe(response)}: /api${prefix} does not reach its program`);
  const node = nodesOfKind(blueprint, 'nginx')
    .flatMap(nginx => nginx.upstreams)
    .find(each => each.name === upstream)?.node;
  const own = everyCopy(blueprint)
    .filter(each => each.node === node)
    .map(each => running.address(each.node, each.copy))
    .filter(address => address !== undefined)
    .map(({ host, port }) => `${host}:${port}`);
  const [last] = upstreams.slice(-1);
  expect(last !== undefined, `${describe(response)} by nginx itself: it does not reach ${node}`);
  expect(
    own.length === 0 || own.includes(last),
    `${describe(response)} by ${last}, which is not ${node} (${own.join(', ')})`,
  );
}
