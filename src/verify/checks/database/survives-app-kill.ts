import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { expectAllThere, toldOf, writeSome } from '../../http/writings.ts';
import { copiesOf, killAll, programsAsked, startAll } from '../../system/nodes.ts';

const WRITES = 3;

export const databaseSurvivesAppKill: Guarantee = {
  id: 'database.survives-app-kill',
  lines: ['C1'],
  title: 'what was written, and the session, survive kill -9 of the program',
  from: 'database',
  needs: ['probes.write', 'probes.write.readBack'],
  limitMs: 45_000,
  async check(world) {
    const { running, door, probes } = world;
    const writings = await writeSome(world, WRITES);
    const copies = programsAsked(world).flatMap(copiesOf);
    try {
      await killAll(running, copies);
    } finally {
      await startAll(running, copies);
    }
    door.forget();
    const recoveredMs = await expectAllThere(probes, writings);
    return kept(`${toldOf(writings)} were there after ${copies.length} processes were killed`, {
      killed: copies.length,
      writes: WRITES,
      recoveredMs,
    });
  },
};
