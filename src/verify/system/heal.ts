/** Brings a running project back to a state in which the next check can start. */
import type { Running } from '../../engines/engine.ts';
import { eventually, sleep } from '../expect.ts';
import type { ShopClient } from '../http/client.ts';
import { directTo } from '../http/direct.ts';
import { copiesOf, everyCopy } from './nodes.ts';

/** So many good answers in a row, one for each copy and more, are needed before a check may begin. */
const GOOD_ANSWERS = 6;

/**
 * Starts what is down, and waits until every copy is ready and the front door answers.
 * @throws Error if that does not happen within `withinMs`
 */
export async function makeHealthy(running: Running, shop: ShopClient, withinMs: number): Promise<void> {
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
      Promise.all([everyCopyReady(running, shop, withinMs), frontDoorAnswers(shop, withinMs)]),
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

async function frontDoorAnswers(shop: ShopClient, withinMs: number): Promise<void> {
  let row = 0;
  await eventually(
    'a front door that answers',
    withinMs,
    async () => {
      const response = await shop.get('/products?limit=1').catch(() => undefined);
      row = response?.status === 200 ? row + 1 : 0;
      return row >= GOOD_ANSWERS;
    },
    5,
  );
}

async function everyCopyReady(running: Running, shop: ShopClient, withinMs: number): Promise<void> {
  await Promise.all(
    copiesOf(running.blueprint).map(async ({ program, copy }) => {
      const direct = directTo({ running, shop }, program, copy);
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
