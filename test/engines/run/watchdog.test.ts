/** The watchdog by itself, with this process in the tool's place. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/engines/run/watchdog-process.ts';
import PROGRAM from '../../../src/engines/run/watchdog-process.ts?bundled';
import { OWN_GROUP } from '../../../src/processes/group.ts';
import { isAlive, startStamp } from '../../../src/processes/table.ts';

let folder: string;
let run: string;
let sleeper: ChildProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-'));
  run = join(folder, 'run');
  mkdirSync(run);
  sleeper = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], OWN_GROUP);
});

afterEach(() => {
  sleeper.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Tells a watchdog all that, and ends as a tool that is killed does. */
async function tellAndDie(...messages: readonly Message[]): Promise<void> {
  const file = join(run, 'watchdog.cjs');
  writeFileSync(file, PROGRAM);
  const watchdog = spawn(process.execPath, [file], { stdio: ['pipe', 'ignore', 'inherit'], cwd: run });
  watchdog.stdin.end(messages.map(message => `${JSON.stringify(message)}\n`).join(''));
  expect(await once(watchdog, 'exit')).toEqual([0, null]);
}

function watched(): Message & { stamp: string | undefined } {
  const pid = sleeper.pid ?? 0;
  return { watch: pid, stamp: startStamp(pid), kind: 'other' };
}

const isAsleep = () => isAlive(sleeper.pid ?? 0);

describe('the watchdog', () => {
  it('ends the processes of a dead tool and removes its folder', async () => {
    await tellAndDie({ directory: run }, watched());
    expect(isAsleep()).toBe(false);
    expect(existsSync(run)).toBe(false);
  });

  it('has a program undo the rest', async () => {
    const proof = join(folder, 'undone');
    const args = ['-e', `require('node:fs').writeFileSync(process.env.PROOF, '')`];
    await tellAndDie({ undo: { command: process.execPath, args, env: { PROOF: proof } } });
    expect(existsSync(proof)).toBe(true);
  });

  it('leaves alone what it is not to watch any more', async () => {
    await tellAndDie({ directory: run }, watched(), { forget: sleeper.pid ?? 0 });
    expect(isAsleep()).toBe(true);
    expect(existsSync(run)).toBe(false);
  });

  it.runIf(process.platform !== 'win32')('leaves alone a later process of the same number', async () => {
    const message = watched();
    await tellAndDie({ ...message, stamp: `${message.stamp}0` });
    await tellAndDie({ ...message, stamp: undefined });
    expect(isAsleep()).toBe(true);
  });

  it('does nothing once it is released', async () => {
    await tellAndDie({ directory: run }, watched(), { release: true });
    expect(isAsleep()).toBe(true);
    expect(existsSync(run)).toBe(true);
  });
});
