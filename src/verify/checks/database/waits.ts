import type { ProgramNode } from '../../../blueprint/blueprint.ts';
import { eventually, expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { directTo } from '../../http/direct.ts';
import { postgresOf, programServing } from '../../system/nodes.ts';

const LIVE_WITHIN_MS = 5_000;
const READY_WITHIN_MS = 15_000;

export const databaseWaits: Guarantee = {
  id: 'database.waits',
  lines: ['C6'],
  title: 'a program that starts before its database waits, and is ready without a restart when it comes',
  from: 'database',
  needs: ['probes.read'],
  limitMs: 60_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const program = programServing(blueprint, probes.readPath);
    const postgres = postgresOf(blueprint).name;
    const pid = () => running.pid(program.name, 0);
    try {
      await running.kill(program.name, 0);
      await running.kill(postgres);
      // It is not ready before there is a database, and so not waited for yet.
      const started = running.start(program.name, 0);
      started.catch(() => {});
      const { value: first } = await eventually(`a process of ${program.name}`, LIVE_WITHIN_MS, pid);
      const isSeen = await expectUnready(world, program);
      await running.start(postgres);
      const { ms } = await eventually('a good answer', READY_WITHIN_MS, async () => {
        const ready = (await probed(world, program, program.healthPath)) ?? 200;
        return ready === 200 && probes.isRead(await probes.read());
      });
      await started;
      expect(
        (await pid()) === first,
        `${program.name} was restarted, or ended, while it waited for its database`,
      );
      return kept(
        `${isSeen ? 'alive and unready without its database, ' : ''}ready ${ms} ms after it came, in the same process`,
        { readyMs: ms },
      );
    } finally {
      if ((await running.pid(postgres)) === undefined) await running.start(postgres);
    }
  },
};

/** @returns whether the program could be asked. @throws Broken unless it says that it lives and is not ready */
async function expectUnready(world: World, program: ProgramNode): Promise<boolean> {
  const { name, livePath, healthPath } = program;
  const alive = async () =>
    livePath === undefined || ((await probed(world, program, livePath)) ?? 200) === 200;
  const answered = `an answer of ${name} while its database is down`;
  await eventually(answered, LIVE_WITHIN_MS, alive);
  const { value } = await eventually(answered, LIVE_WITHIN_MS, async () => [
    await probed(world, program, healthPath),
  ]);
  const [ready] = value;
  expect(
    ready === undefined || ready === 503,
    `${name} answers ${ready} on ${healthPath} without its database, not 503`,
  );
  return ready !== undefined;
}

/**
 * The status that the program's first copy answers with, at the address that it has now: a container that starts may get another; undefined
 * where the engine keeps it out of reach.
 */
async function probed(world: World, program: ProgramNode, path: string): Promise<number | undefined> {
  const copy = directTo(world, program);
  try {
    return (await copy?.get(path, { from: 'root' }))?.status;
  } finally {
    copy?.close();
  }
}
