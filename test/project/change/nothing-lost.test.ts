import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lostLines, randomRun } from '../../support/nothing-lost.ts';
import { temporaryFolder } from '../../support/tool.ts';

/** How many; `npm run test:long` has the 20,000. */
const RUNS = 150;

describe('whatever an owner edits, and whenever the run is killed', () => {
  const folder = temporaryFolder();

  it(`no line of theirs is lost in ${RUNS} runs`, { timeout: 120_000 }, async () => {
    const endings = new Map<string, number>();
    for (let seed = 0; seed < RUNS; seed++) {
      const { lost, what, ending } = await randomRun(join(folder, String(seed)), seed);
      expect(lost, `seed ${seed}: ${what}`).toEqual([]);
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    }
    expect([...endings.keys()].sort()).toEqual(['aborted', 'continued', 'done']);
  });

  it('a lost line would be noticed', () => {
    const files = [{ path: 'a.ts', status: 'merged' as const }];
    const lost = lostLines(
      new Map([['a.ts', 'one\n']]),
      new Map([['a.ts', 'one\nmine\n']]),
      { files, env: { added: [], differing: [] }, replacedServices: [], writes: [] },
      new Map([['a.ts', 'one\nnew\n']]),
    );
    expect(lost).toEqual(['a.ts: mine']);
  });
});
