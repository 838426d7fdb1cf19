import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodesOfKind } from '../../../blueprint/blueprint.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { directTo } from '../../http/direct.ts';
import { NotPromised, NotVerifiable } from '../../outcome.ts';
import { balancerIn } from '../../system/nodes.ts';

/** Where a project has nginx's configuration. */
const CONFIG = 'nginx/nginx.conf';

export const nginxIdleTimeouts: Guarantee = {
  id: 'nginx.idle-timeouts',
  lines: ['F16'],
  title: 'programs keep an idle connection longer than nginx, which else sends a request into a closing one',
  from: 'nginx',
  needs: [],
  applies: blueprint => nodesOfKind(blueprint, 'haproxy').length === 0,
  async check(world) {
    const { blueprint, directory } = world;
    const config = await readFile(join(directory, CONFIG), 'utf8').catch(() => '');
    const inUpstreams = config.matchAll(/^ *upstream [^}]*?^ *keepalive_timeout (\d+)s;/gm);
    const nginx = Math.max(...[...inUpstreams].map(match => Number(match[1])));
    const { program } = balancerIn(blueprint);
    if (nginx < 0) throw new NotPromised(`${CONFIG} has no upstream with a keepalive_timeout in seconds`);
    const direct = directTo(world, program);
    if (!direct) throw new NotVerifiable(`${program.name} is out of reach here`);
    try {
      const { headers } = await direct.get('/no-such-route');
      const said = /timeout=(\d+)/.exec(String(headers['keep-alive']))?.[1];
      if (said === undefined)
        throw new NotPromised(`${program.name} does not say (Keep-Alive) how long it keeps a connection`);
      const own = Number(said);
      expect(own > nginx, `nginx keeps an idle connection ${nginx} s, ${program.name} only ${own} s`);
      return kept(`nginx ${nginx} s, ${program.name} ${own} s`, { nginxSeconds: nginx, programSeconds: own });
    } finally {
      direct.close();
    }
  },
};
