/** Tries each probe of `stage.yaml` once, so that a wrong one is told as that, and not as guarantees that are broken. */
import { messageOf } from '../errors.ts';
import { eventually } from './expect.ts';
import type { World } from './guarantee.ts';
import { directTo } from './http/direct.ts';
import type { ProbeName } from './needs.ts';
import { databaseHolding, programServing } from './system/nodes.ts';

/** A program that has just started may refuse at first; a probe that is wrong stays wrong. */
const ANSWERS_WITHIN_MS = 3_000;
/** How long a write may take to settle, where the file says that it does. */
const SETTLES_WITHIN_MS = 15_000;

export interface ProbeFault {
  readonly probe: ProbeName;
  /** Whose fault it is, as the file names it, such as `probes.logins.NAME`. */
  readonly name: string;
  readonly detail: string;
}

type Trial = readonly [probe: ProbeName, name: string, trial: () => Promise<unknown>];

/** @returns those that do not do what the file says; what needs a broken one is not tried, and not told again */
export async function tryProbes(world: World): Promise<ProbeFault[]> {
  const faults: ProbeFault[] = [];
  for (const [probe, name, trial] of trialsOf(world)) {
    const needsLogin = probe === 'probes.write' && world.probes.facts.probes.write?.as;
    if (needsLogin && faults.some(fault => fault.name === `probes.logins.${needsLogin}`)) continue;
    try {
      await trial();
    } catch (error) {
      world.signal.throwIfAborted();
      faults.push({ probe, name, detail: messageOf(error) });
    }
  }
  return faults;
}

function trialsOf(world: World): Trial[] {
  const { probes } = world;
  const { read, write, logins } = probes.facts.probes;
  return [
    ...(read ? [['probes.read', 'probes.read', () => lasting(() => probes.expectRead())] as const] : []),
    ...Object.keys(logins).map(
      name => ['probes.logins', `probes.logins.${name}`, () => lasting(() => probes.login(name))] as const,
    ),
    ...(write ? [['probes.write', 'probes.write', () => tryWriteSomewhere(world)] as const] : []),
    ...(['lock', 'counts'] as const).flatMap(key => {
      const table = probes.facts.database?.[key];
      if (table === undefined) return [];
      const name = `database.${key}` as const;
      return [[name, name, () => databaseHolding(world.running, table)] as const];
    }),
  ];
}

/** Asks again for a while: the last complaint counts. */
async function lasting(trial: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    try {
      await trial();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/**
 * What only fails where one copy made the session and another has the write is no wrong probe: copies that do not share what they know
 * are for their guarantee to tell.
 */
async function tryWriteSomewhere(world: World): Promise<void> {
  try {
    await tryWrite(world);
  } catch (error) {
    const program = programServing(world.blueprint, world.probes.writePath);
    const direct = program.replicas > 1 ? directTo(world, program) : undefined;
    if (!direct) throw error;
    const works = tryWrite({ probes: world.probes.through(direct) }).then(
      () => true,
      () => false,
    );
    if (!(await works.finally(() => direct.close()))) throw error;
  }
}

async function tryWrite({ probes }: Pick<World, 'probes'>): Promise<void> {
  const { readBack, settles } = probes.facts.probes.write ?? {};
  const session = await probes.writer();
  const written = await probes.expectWritten(session);
  if (readBack === undefined) return;
  await probes.expectThere(written);
  if (!settles) return;
  await eventually(
    `${settles.field} ${settles.to.join(' or ')} of what was written`,
    SETTLES_WITHIN_MS,
    async () => {
      const state = await probes.stateOf(written);
      if (settles.to.includes(state)) return true;
      throw new Error(`it is ${state}`);
    },
  );
}
