import { expect, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { NotVerifiable } from '../../outcome.ts';
import { healthPathsOf, programs } from '../../system/nodes.ts';

export const stallHealth: Guarantee = {
  id: 'stall.health',
  lines: ['B1'],
  title: 'every program tells that it lives and is ready, never from a cache and not in the log',
  from: 'stall',
  needs: [],
  async check(world) {
    let asked = 0;
    const all = new Set<string>();
    for (const program of programs(world.blueprint)) {
      const copy = directTo(world, program);
      if (!copy) continue;
      const paths = healthPathsOf(program);
      try {
        for (const path of paths) {
          all.add(path);
          const answer = await copy.get(path, { from: 'root' });
          expect(answer.status === 200, `${program.name}: ${describe(answer)}, not 200`);
          const caching = answer.headers['cache-control'];
          expect(caching === 'no-store', `${program.name}: GET ${path} has cache-control ${caching}`);
        }
        asked++;
      } finally {
        copy.close();
      }
      const logged = (await world.running.logs(program.name)).find(line =>
        paths.some(path => line.includes(path)),
      );
      expect(logged === undefined, `${program.name} logs its health checks: ${logged}`);
    }
    if (asked === 0) throw new NotVerifiable('this engine keeps every program out of reach');
    return kept(`${asked} program(s): 200 on ${[...all].join(' and ')}, no-store, not logged`, {
      programs: asked,
    });
  },
};
