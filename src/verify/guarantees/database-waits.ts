import type { ShopClient } from '../client.ts';
import { directTo } from '../direct.ts';
import { eventually, expect, kept } from '../expect.ts';
import type { Guarantee } from '../guarantee.ts';
import { postgresOf, programServing } from '../parts.ts';

const LIVE_WITHIN_MS = 15_000;
const READY_WITHIN_MS = 15_000;

export const databaseWaits: Guarantee = {
  id: 'database.waits',
  lines: ['C6'],
  title: 'a program that starts before its database waits, and is ready without a restart when it comes',
  from: 'database',
  limitMs: 60_000,
  async check(world) {
    const { running, blueprint, shop } = world;
    const program = programServing(blueprint, '/products');
    const postgres = postgresOf(blueprint).name;
    const pid = () => running.pid(program.name, 0);
    const copy = directTo(world, program);
    try {
      await running.kill(program.name, 0);
      await running.kill(postgres);
      // It is not ready before there is a database, and so not waited for yet.
      const started = running.start(program.name, 0);
      started.catch(() => {});
      const { value: first } = await eventually(`a process of ${program.name}`, LIVE_WITHIN_MS, pid);
      if (copy) await expectUnready(copy, program.name);
      await running.start(postgres);
      const { ms } = await eventually('a good answer', READY_WITHIN_MS, async () => {
        const ready = copy ? (await copy.get(program.healthPath, { from: 'root' })).status === 200 : true;
        return ready && (await shop.get('/products?limit=1')).status === 200;
      });
      await started;
      expect(
        (await pid()) === first,
        `${program.name} was restarted, or ended, while it waited for its database`,
      );
      return kept(
        `${copy ? 'alive and unready without its database, ' : ''}ready ${ms} ms after it came, in the same process`,
        { readyMs: ms },
      );
    } finally {
      copy?.close();
      if ((await running.pid(postgres)) === undefined) await running.start(postgres);
    }
  },
};

async function expectUnready(copy: ShopClient, name: string): Promise<void> {
  await eventually(`an answer of ${name} while its database is down`, LIVE_WITHIN_MS, async () => {
    return (await copy.get('/livez', { from: 'root' })).status === 200;
  });
  const ready = await copy.get('/readyz', { from: 'root' });
  expect(ready.status === 503, `${name} answers ${ready.status} on /readyz without its database, not 503`);
}
