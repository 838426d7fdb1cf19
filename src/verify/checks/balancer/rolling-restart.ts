import { LOCK_MS } from '../../../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { directTo } from '../../http/direct.ts';
import type { Session } from '../../http/probes.ts';
import type { Crowd } from '../../load/crowd.ts';
import { withBound } from '../../load/rule-of-three.ts';
import {
  expectNoneFailed,
  figuresOf,
  LOADED_WITHIN_MS,
  Load,
  type LoadReport,
  outcomesOf,
  REQUESTS,
} from '../../load/steady.ts';
import { steadyReaders, underLoad } from '../../load/under-load.ts';
import { TooLate } from '../../outcome.ts';
import {
  BACK_MS,
  hold,
  onSilent,
  type Period,
  Trail,
  UNREACHABLE_MS,
  untilItHits,
} from '../../system/bites.ts';
import { lockedWhile } from '../../system/locks.ts';
import {
  balancerIn,
  balancerOf,
  copiesOf,
  databaseHolding,
  hasCopies,
  type ProgramCopy,
  programServing,
  startAll,
} from '../../system/nodes.ts';

/** How long writes wait that are under way when a copy is told to stop. */
const SLOW_MS = LOCK_MS / 2;
/**
 * All may write to one row, and then they wait for each other, too: even at 100 ms each, so many are through within the other half of
 * what a program lets them wait.
 */
const WRITES = { clients: 6, perSecond: 20 };
const WARM_UP_REQUESTS = 300;
/** How soon after SIGTERM a copy must say that it wants no more requests. */
const TOLD_WITHIN_MS = 500;
/** After its own limit the program exits with 1. */
const EXIT_WITHIN_MS = TIMEOUTS.programShutdown * 1000 + 5_000;
/** So many GETs for each copy show who still answers. */
const GETS_TO_TELL = 10;
const SILENCE_WITHIN_MS = 5_000;

export const balancerRollingRestart: Guarantee = {
  id: 'balancer.rolling-restart',
  lines: ['E4', 'E5'],
  title: `all copies restarted one after another under load: no request of ${REQUESTS} fails`,
  from: 'balancer',
  needs: ['probes.read', 'probes.write'],
  drill: true,
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  limitMs: 180_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const { node, program } = balancerIn(blueprint);
    const copies = copiesOf(program);
    const trail = new Trail(world, node);
    const session = await probes.writer();
    return await underLoad(world, {
      start: async crowd => [
        await steadyReaders(world, crowd, { longestWaitMs: UNREACHABLE_MS, trail }),
        writers(world, crowd, session),
      ],
      work: async (gets, posts) => {
        const loads = [gets, posts];
        const started = performance.now();
        const ended = () => loads.reduce((sum, load) => sum + load.ended, 0);
        await gets.reaches(WARM_UP_REQUESTS);
        const restartingAt = performance.now();
        let hit = 0;
        for (const copy of copies) hit += await restartUntilHit(world, copy, gets, trail);
        const restartsMs = Math.round(performance.now() - restartingAt);
        while (ended() < REQUESTS && performance.now() - started < LOADED_WITHIN_MS) await sleep(50);
        const reports = await Promise.all(loads.map(load => load.stop()));
        for (const report of reports) expectNoneFailed(report, 1, restartingAt);
        const sent = reports.reduce((sum, report) => sum + report.sent, 0);
        if (sent < REQUESTS) throw new TooLate(`only ${sent} requests were sent: ${REQUESTS} are needed`);
        return kept(
          `requests that failed: ${withBound(sent)}; ${copies.length} copies had ${hit} while they were stopping; ${reports.map(told).join('; ')}`,
          { ...figuresOf(reports[0] as LoadReport), requests: sent, failed: 0, hit, restartsMs },
        );
      },
      restore: () => startAll(running, copies),
    });
  },
};

function told(report: LoadReport): string {
  return `${report.what} ${outcomesOf(report)}, worst ${Math.round(report.worstMs)} ms`;
}

function writers(world: World, crowd: Crowd, session: Session): Load {
  return new Load(world, {
    what: 'writes',
    ...WRITES,
    isGood: world.probes.isWritten,
    send: index => crowd.at(index).write(session),
  });
}

/** @returns how many GETs the copy had between the signal and its end */
async function restartUntilHit(world: World, copy: ProgramCopy, gets: Load, trail: Trail): Promise<number> {
  const others = copy.program.replicas - 1;
  let tried = 0;
  return await untilItHits(async heldMs => {
    if (tried++ > 0) await sleep(BACK_MS);
    const from = performance.now();
    await stopInOrder(world, copy, heldMs);
    const until = performance.now();
    const silence = await silenceAfter(gets, until, GETS_TO_TELL * copy.program.replicas);
    const hit = onSilent(gets.spans, await trail.look(), { from, until }, silence, others);
    await world.running.start(copy.program.name, copy.copy);
    return hit;
  });
}

/** Waits for so many requests that were sent, and answered, since: those under way at the time may have been sent long before. */
async function silenceAfter(gets: Load, from: number, requests: number): Promise<Period> {
  const latest = from + SILENCE_WITHIN_MS;
  const since = () =>
    gets.spans.filter(({ sentAt, endedAt }) => sentAt >= from && endedAt < Number.POSITIVE_INFINITY).length;
  while (since() < requests && performance.now() < latest) await sleep(50);
  return { from, until: performance.now() };
}

async function stopInOrder(world: World, copy: ProgramCopy, heldMs: number): Promise<void> {
  const { running, blueprint, probes } = world;
  const { program } = copy;
  const stop = async () => {
    await hold(running, program.name, copy.copy, heldMs);
    await running.resume(program.name, copy.copy);
    await running.terminate(program.name, copy.copy);
    await expectDraining(world, copy);
  };
  const { counts } = probes.facts.database ?? {};
  if (counts !== undefined && programServing(blueprint, probes.writePath) === program) {
    // Proxies take in a whole body before they pass it on: what makes a write slow has to lie behind the program.
    const database = await databaseHolding(running, counts);
    await lockedWhile(running, database, counts, SLOW_MS, stop);
  } else await stop();
  const code = await running.exited(program.name, copy.copy, EXIT_WITHIN_MS);
  expect(
    code === 0,
    `copy ${copy.copy} of ${program.name} exited with ${code ?? 'a signal'} after SIGTERM, not with 0`,
  );
}

/** A copy that is leaving says so to the balancer, and still is alive: whoever restarts the dead leaves it alone. */
async function expectDraining(world: World, { program, copy }: ProgramCopy): Promise<void> {
  const direct = directTo(world, program, copy);
  if (!direct) return;
  const { ready = program.healthPath, live } = world.probes.facts.programs[program.name] ?? {};
  const status = async (path: string) => (await direct.get(path, { from: 'root' })).status;
  try {
    let readyStatus = 0;
    const until = performance.now() + TOLD_WITHIN_MS;
    do {
      readyStatus = await status(ready);
      const liveStatus = live === undefined ? 200 : await status(live);
      expect(liveStatus === 200, `a copy that is draining answers ${live} ${liveStatus}, not 200`);
    } while (readyStatus !== 503 && performance.now() < until);
    if (readyStatus !== 503) {
      throw new TooLate(
        `a copy that is draining answers ${ready} ${readyStatus} after ${TOLD_WITHIN_MS / 1000} s, not 503`,
      );
    }
  } finally {
    direct.close();
  }
}
