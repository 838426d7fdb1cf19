import { cpSync, existsSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commit } from '../../../src/project/transaction/commit.ts';
import type { Hooks } from '../../../src/project/transaction/disk.ts';
import { lockProject } from '../../../src/project/transaction/lock.ts';
import { abortRun, continueRun, interruptedRun } from '../../../src/project/transaction/recover.ts';
import { undoLast } from '../../../src/project/transaction/undo.ts';
import { dying, dyingAt, makeProject, survives, treeOf, wholeChange } from './project.ts';

type Run = (directory: string, hooks?: Hooks) => Promise<unknown>;

/** Thousands of runs, each with its flushes to the disk: where there is a file system in memory, these cost nothing. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Of the kills of a recovery, every so many-th is tried after every kill of a run: all would take minutes. */
const EVERY = Number(process.env.KILLS_EVERY ?? 41);
const folder = mkdtempSync(join(MEMORY, 'backend-stage-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const NEVER = Number.POSITIVE_INFINITY;
const grow: Run = (directory, hooks) => commit(directory, wholeChange(), hooks);
const undo: Run = (directory, hooks) => undoLast(directory, {}, hooks);

let before: Record<string, string>;
let after: Record<string, string>;
let count = 0;

beforeAll(async () => {
  before = treeOf(makeProject(join(folder, 'before')));
  await grow(makeProject(join(folder, 'after')));
  after = treeOf(join(folder, 'after'));
});

function fresh(): string {
  return copyOf('before');
}

function grown(): string {
  return copyOf('after');
}

function copyOf(name: string): string {
  const directory = join(folder, `${count++}`);
  cpSync(join(folder, name), directory, { recursive: true });
  return directory;
}

/** What the next command does first. */
async function tidied(directory: string): Promise<Record<string, string>> {
  (await lockProject(directory, 'grow')).release();
  return treeOf(directory);
}

async function killPoints(run: Run, directory: string): Promise<number> {
  const hooks = dying(NEVER);
  await run(directory, hooks);
  return hooks.passed.length;
}

describe.each([
  { name: 'a run', run: grow, start: fresh, back: () => before, forth: () => after },
  { name: 'an undo', run: undo, start: grown, back: () => after, forth: () => before },
])('$name that is killed', ({ run, start, back, forth }) => {
  it.each([
    { name: 'is completed', recover: continueRun, goal: forth, undoable: run === grow },
    { name: 'is taken back', recover: abortRun, goal: back, undoable: run === undo },
  ])('$name, wherever it was', async ({ recover, goal, undoable }) => {
    const points = await killPoints(run, start());
    expect(points).toBeGreaterThan(100);
    let interrupted = 0;
    for (let at = 0; at < points; at++) {
      const directory = start();
      expect(await survives(run(directory, dying(at)))).toBe(false);
      if (interruptedRun(directory)) {
        interrupted++;
        for (let again = at % EVERY; ; again += EVERY) {
          const hooks = dying(again);
          if (await survives(recover(directory, hooks))) break;
        }
        expect(await tidied(directory), `killed at ${at}`).toEqual(goal());
        if (recover === continueRun || run === undo) await expectUndoable(directory, undoable);
      } else {
        expect([back(), forth()], `killed at ${at}`).toContainEqual(await tidied(directory));
      }
      rmSync(directory, { recursive: true });
    }
    expect(interrupted).toBeGreaterThan(points / 3);
  });

  it('can be completed halfway and taken back, or the reverse', async () => {
    const points = await killPoints(run, start());
    for (let at = 0; at < points; at += 3) {
      const directory = start();
      await survives(run(directory, dying(at)));
      const ways = at % 2 ? [continueRun, abortRun] : [abortRun, continueRun];
      let turn = 0;
      for (let again = 3 + (at % 7); interruptedRun(directory); again += 7) {
        await survives((ways[turn++ % 2] as Run)(directory, dying(again)));
      }
      expect([back(), forth()], `killed at ${at}`).toContainEqual(await tidied(directory));
      rmSync(directory, { recursive: true });
    }
  });
});

async function expectUndoable(directory: string, undoable: boolean): Promise<void> {
  if (!undoable) return expect(undo(directory)).rejects.toThrow('there is nothing to take back');
  await undo(directory);
  expect(treeOf(directory)).toEqual(before);
}

describe('a killed run', () => {
  it('says what it was', async () => {
    const directory = fresh();
    await survives(commit(directory, wholeChange(), dying(110)));
    const { writes } = wholeChange();
    expect(interruptedRun(directory)).toEqual({
      command: 'grow',
      summary: { to: 'database' },
      files: writes.map(({ path }) => path),
    });
    await expect(grow(directory)).rejects.toThrow('an earlier run was interrupted');
    await expect(undoLast(directory)).rejects.toThrow('an earlier run was interrupted');
  });

  it('is completed although what it had staged is torn', async () => {
    const directory = fresh();
    await survives(commit(directory, wholeChange(), dyingAt('after rename to package.json')));
    truncateSync(join(directory, '.stage/tx/after/2'), 3);
    await continueRun(directory);
    expect(treeOf(directory)).toEqual(after);
  });

  it('is nothing to recover where there was none', async () => {
    const directory = fresh();
    expect(interruptedRun(directory)).toBeUndefined();
    expect(await continueRun(directory)).toBeUndefined();
    expect(await abortRun(directory)).toBeUndefined();
    expect(treeOf(directory)).toEqual(before);
  });
});
