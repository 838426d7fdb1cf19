/** Brings a running project back to a state in which the next check can start. */
import type { Running } from '../../engines/engine.ts';
import { eventually, sleep } from '../expect.ts';
import { directTo } from '../http/direct.ts';
import { copiesOf, everyCopy } from './nodes.ts';

/** So many good answers in a row, one for each copy and more, are needed before a check may begin. */
const GOOD_ANSWERS = 6;

/**
 * Starts what is down, and waits until every copy is ready and the front door answers.
 * @param answers asks the front door, and tells whether the answer was a good one
 * @throws Error if that does not happen within `withinMs`
 */
export async function makeHealthy(
  running: Running,
  answers: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const copies = everyCopy(running.blueprint);
  await Promise.all(copies.map(({ node, copy }) => running.resume(node, copy).catch(() => {})));
  let healthy = false;
  // A process that is just dying still has its id: so look for what is down more than once.
  const keepStarting = (async () => {
    while (!healthy) {
      await startWhatIsDown(running);
      await sleep(100);
    }
  })();
  try {
    await Promise.race([
      Promise.all([everyCopyReady(running, withinMs), frontDoorAnswers(answers, withinMs)]),
      keepStarting,
    ]);
  } finally {
    healthy = true;
    await keepStarting.catch(() => {});
  }
}

/** @throws the engine's error for a copy that does not start */
async function startWhatIsDown(running: Running): Promise<void> {
  for (const { node, copy } of everyCopy(running.blueprint)) {
    if ((await running.pid(node, copy)) === undefined) await running.start(node, copy);
  }
}

async function frontDoorAnswers(answers: () => Promise<boolean>, withinMs: number): Promise<void> {
  let row = 0;
  await eventually(
    'a front door that answers',
    withinMs,
    async () => {
      row = (await answers().catch(() => false)) ? row + 1 : 0;
      return row >= GOOD_ANSWERS;
    },
    5,
  );
}

async function everyCopyReady(running: Running, withinMs: number): Promise<void> {
  await Promise.all(
    copiesOf(running.blueprint).map(async ({ program, copy }) => {
      const direct = directTo({ running }, program, copy);
      if (!direct) return;
      try {
        await eventually(`a ready ${program.name} ${copy}`, withinMs, async () => {
          return (await direct.get(program.healthPath, { from: 'root' })).status === 200;
        });
      } finally {
        direct.close();
      }
    }),
  );
}
