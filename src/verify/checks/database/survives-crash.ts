import { kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { expectAllThere, toldOf, writeSome } from '../../http/writings.ts';
import { postgresOf } from '../../system/nodes.ts';

const WRITES = 5;

export const databaseSurvivesCrash: Guarantee = {
  id: 'database.survives-crash',
  lines: ['C1'],
  title: 'what was written, and the session, survive a crash of PostgreSQL',
  from: 'database',
  needs: ['probes.write', 'probes.write.readBack'],
  limitMs: 45_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const writings = await writeSome(world, WRITES);
    await running.restart(postgresOf(blueprint).name);
    const recoveredMs = await expectAllThere(probes, writings);
    return kept(`${toldOf(writings)} were there after crash recovery`, {
      writes: WRITES,
      recoveredMs,
    });
  },
};
