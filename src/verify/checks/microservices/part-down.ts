import { eventually, expect, expectStatus, expectWithin, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { type Probes, valueAt, type Written } from '../../http/probes.ts';
import { load, tally, worstMs } from '../../load/burst.ts';
import { Broken } from '../../outcome.ts';
import { copiesOf, killAll, programNamed, startAll } from '../../system/nodes.ts';

const ACCEPTED_WITHIN_MS = 2_000;
const READS = 60;
/** What happens to a write so long after it was accepted is not its usual course: somebody gave up waiting. */
const USUAL_COURSE_MS = 3_000;
/** How long the program stays away, unless the write ends sooner: deadlines that the program takes from its environment are shortened to a few seconds. */
const AWAY_MS = 15_000;
/** Whoever was told nothing asks a service that was down again after a few seconds only, and each time a little later. */
const ENDED_WITHIN_MS = 20_000;
const RESTORED_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 100;

export const microservicesPartDown: Guarantee = {
  id: 'microservices.part-down',
  title: 'with a program down that a write waits for, reading goes on, and the write ends cleanly',
  from: 'microservices',
  needs: ['probes.read', 'probes.write.without', 'probes.write.readBack', 'probes.write.settles'],
  limitMs: 60_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const { without } = probes.facts.probes.write ?? {};
    if (!without) throw new Error('asked for probes.write.without, which stage.yaml does not have');
    const { program, to } = without;
    const copies = copiesOf(programNamed(blueprint, program));
    const session = await probes.writer();
    const before = await restorable(probes);
    let figures = {};
    let written: Written;
    try {
      await killAll(running, copies);
      const accepted = await probes.write(session);
      expect(probes.isWritten(accepted), `with ${program} down, ${describe(accepted)}`);
      expectWithin(
        accepted.ms,
        ACCEPTED_WITHIN_MS,
        `with ${program} down a write took ${Math.round(accepted.ms)} ms to be accepted`,
      );
      written = probes.writtenBy(accepted, session);
      const reading = await readOn(world, program);
      const givenUpMs = await givenUp(probes, written, to);
      figures = { acceptedMs: Math.round(accepted.ms), givenUpMs: givenUpMs, ...reading };
    } finally {
      await startAll(running, copies);
    }
    const { ms: endedMs, value: state } = await eventually(
      `${to.join(' or ')} of what was written (${written.id})`,
      ENDED_WITHIN_MS,
      async () => {
        const now = await probes.stateOf(written);
        if (!to.includes(now)) throw new Error(`it is ${now}`);
        return now;
      },
      LOOK_EVERY_MS,
    );
    await expectRestored(probes, before);
    return kept(
      `reads were answered throughout; the write was ${state}${before === undefined ? '' : ', and what it had taken came back'}`,
      { ...figures, endedMs },
    );
  },
};

async function readOn({ probes }: World, program: string): Promise<{ reads: number; worstReadMs: number }> {
  const samples = await load({
    clients: 4,
    goOn: sent => sent < READS,
    send: async () => {
      await sleep(10);
      return await probes.read();
    },
  });
  expect(samples.every(probes.isRead), `with ${program} down, reads: ${tally(samples)}`);
  return { reads: samples.length, worstReadMs: worstMs(samples) };
}

/**
 * Waits until the write has ended, or until those who work on it gave the program up, or for as long as it may stay away.
 * @returns how long that took, in milliseconds
 */
async function givenUp(probes: Probes, written: Written, to: readonly string[]): Promise<number> {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  let usual: string | undefined;
  while (elapsed() < AWAY_MS) {
    const state = await probes.stateOf(written);
    if (to.includes(state)) break;
    if (elapsed() < USUAL_COURSE_MS) usual = state;
    else if (state !== (usual ?? state)) break;
    await sleep(LOOK_EVERY_MS);
  }
  return Math.round(elapsed());
}

/** The number that a write takes from, where the file names one. */
async function restorable(probes: Probes): Promise<number | undefined> {
  const { restores } = probes.facts.probes.write?.without ?? {};
  if (!restores) return undefined;
  const response = await probes.get(restores.get);
  expectStatus(response, 200);
  const value = valueAt(response.json(), restores.field);
  if (typeof value === 'number') return value;
  throw new Broken(`${describe(response)}: its ${restores.field} is not a number`);
}

async function expectRestored(probes: Probes, before: number | undefined): Promise<void> {
  if (before === undefined) return;
  const { restores } = probes.facts.probes.write?.without ?? {};
  await eventually(`the return of ${restores?.field} to ${before}`, RESTORED_WITHIN_MS, async () => {
    const now = await restorable(probes);
    if (now !== before) throw new Error(`it is ${now}`);
    return true;
  });
}
