import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { randomRun } from '../support/nothing-lost.ts';
import { temporaryFolder } from '../support/tool.ts';

const RUNS = 20_000;
/** The seeds of the test of every change lie below. */
const FIRST_SEED = 100_000;
const AT_ONCE = 4;

test(`no line of an owner's is lost in ${RUNS} runs`, { timeout: 90 * 60_000 }, async () => {
  // In memory, where there is such a folder: so many small files would only measure the disk.
  const folder = existsSync('/dev/shm') ? join('/dev/shm', `nothing-lost-${process.pid}`) : temporaryFolder();
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  let next = FIRST_SEED;
  const work = async () => {
    while (next < FIRST_SEED + RUNS) {
      const seed = next++;
      const { lost, what, ending, change } = await randomRun(join(folder, String(seed)), seed);
      expect(lost, `seed ${seed}: ${what}`).toEqual([]);
      count(ending);
      for (const { status } of change.files) count(`${status} files`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.info(Object.fromEntries(counts));
});
