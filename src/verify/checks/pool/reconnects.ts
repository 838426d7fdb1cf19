import { eventually, expect, kept, sleep } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { burst, load, tally } from '../../load/burst.ts';
import { copiesOf, type ProgramCopy, postgresOf } from '../../system/nodes.ts';

/** What a caller may be told while its database is gone: by the program, or by a proxy that has no ready copy. */
const UNAVAILABLE = new Set([502, 503, 504]);

export const poolReconnects: Guarantee = {
  id: 'pool.reconnects',
  lines: ['C6'],
  title: 'a restarted database is picked up without a restart of the program',
  from: 'pool',
  needs: ['probes.read'],
  limitMs: 45_000,
  async check({ running, blueprint, probes }) {
    const copies = copiesOf(blueprint);
    const pids = () => Promise.all(copies.map(({ program, copy }) => running.pid(program.name, copy)));
    await burst(16, () => probes.read());
    const before = await pids();
    let restarting = true;
    const under = load({
      clients: 2,
      goOn: () => restarting,
      send: async () => {
        const response = await probes.read();
        await sleep(20);
        return response;
      },
    });
    await running.restart(postgresOf(blueprint).name).finally(async () => {
      await sleep(100);
      restarting = false;
    });
    const samples = await under;
    await expectAlive(before, pids, copies);
    const { ms } = await eventually('20 good answers in a row after the restart', 20_000, async () => {
      const after = await burst(20, () => probes.read());
      return after.every(probes.isRead);
    });
    const wrong = samples.find(each => !probes.isRead(each) && !UNAVAILABLE.has(each.status));
    expect(!wrong, `while the database restarted: ${tally(samples)}; only 503 is fair`);
    await expectAlive(before, pids, copies);
    return kept(`${copies.length} process(es) kept running; while it was gone: ${tally(samples)}`, {
      recoveredMs: ms,
      requests: samples.length,
      unavailable: samples.filter(each => !probes.isRead(each)).length,
    });
  },
};

async function expectAlive(
  before: readonly (number | undefined)[],
  pids: () => Promise<(number | undefined)[]>,
  copies: readonly ProgramCopy[],
): Promise<void> {
  const now = await pids();
  const died = copies.find((_, index) => before[index] !== now[index]);
  expect(!died, `${died?.program.name} was restarted, or died, when its database did`);
}
