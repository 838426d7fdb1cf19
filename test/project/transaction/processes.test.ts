/** What only processes of their own can show: kills that are real, locks that are contended, rights that are missing. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { commit } from '../../../src/project/transaction/commit.ts';
import { lockProject } from '../../../src/project/transaction/lock.ts';
import { abortRun, continueRun, interruptedRun } from '../../../src/project/transaction/recover.ts';
import { temporaryFolder } from '../../support/tool.ts';
import { makeProject, treeOf, wholeChange } from './project.ts';

const folder = temporaryFolder();
const bundle = join(folder, 'child.mjs');
const NOBODY = 65_534;
let count = 0;
const fresh = () => makeProject(join(folder, `${count++}`));
const lockOf = (directory: string) => join(directory, '.stage/lock');

const CHILD = `
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { commit } from './src/project/transaction/commit.ts';
import { lockProject } from './src/project/transaction/lock.ts';
import { abortRun, continueRun, interruptedRun } from './src/project/transaction/recover.ts';
import { undoLast } from './src/project/transaction/undo.ts';
import { wholeChange } from './test/project/transaction/project.ts';

const [what, directory, go] = process.argv.slice(2);
const say = text => process.stdout.write(text + '\\n');
const told = error => say(error.name + ': ' + error.message);
if (what === 'lock') {
  while (!existsSync(go)) await sleep(1);
  await lockProject(directory, 'grow').then(() => { say('won'); setInterval(() => {}, 1000); }, told);
} else if (what === 'try') {
  await lockProject(directory, 'grow').then(lock => lock.release()).catch(told);
  await commit(directory, wholeChange()).catch(told);
} else {
  for (let turn = 0; ; turn++) {
    const lock = await lockProject(directory, 'grow');
    if (turn === 0) say(interruptedRun(directory) ? 'interrupted' : 'whole');
    if (interruptedRun(directory)) await (Math.random() < 0.5 ? continueRun : abortRun)(directory);
    else if (existsSync(directory + '/bin/run')) await undoLast(directory);
    else await commit(directory, wholeChange());
    lock.release();
    await sleep(0);
  }
}
`;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  await build({
    stdin: { contents: CHILD, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outfile: bundle,
    logLevel: 'error',
  });
});

function child(...args: string[]): ChildProcess {
  return spawn(process.execPath, [bundle, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine(process: ChildProcess): Promise<string> {
  for await (const chunk of process.stdout ?? []) return String(chunk).trim();
  return '';
}

async function kill(process: ChildProcess): Promise<void> {
  process.kill('SIGKILL');
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
}

function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

function holder(changes: object): string {
  return JSON.stringify({ pid: process.pid, host: hostname(), command: 'grow', at: 'then', ...changes });
}

describe('a process that is killed', () => {
  it('leaves a project that the next one brings to one side or the other', async () => {
    const directory = fresh();
    const before = treeOf(directory);
    const plain = fresh();
    await commit(plain, wholeChange());
    const sides = [before, treeOf(plain)];
    let interrupted = 0;
    for (let round = 0; round < 20; round++) {
      const running = child('change', directory);
      expect(await firstLine(running)).toMatch(/interrupted|whole/);
      await new Promise(resolve => setTimeout(resolve, Math.random() * 60));
      await kill(running);
      if (interruptedRun(directory) === undefined) continue;
      interrupted++;
      if (round % 2) continue;
      const lock = await lockProject(directory, 'grow');
      await (round % 4 ? continueRun : abortRun)(directory);
      expect(sides).toContainEqual(treeOf(directory));
      lock.release();
    }
    (await lockProject(directory, 'grow')).release();
    await abortRun(directory);
    expect(sides).toContainEqual(treeOf(directory));
    expect(interrupted).toBeGreaterThan(0);
  }, 60_000);
});

describe('lockProject', () => {
  it('is given to one of several processes, whatever lock a dead one left', async () => {
    const stale = [undefined, holder({ pid: deadPid() }), '', holder({ started: '1' })];
    for (const [round, text] of stale.entries()) {
      const directory = fresh();
      const go = join(folder, `go-${round}`);
      if (text !== undefined) {
        for (const path of [lockOf(directory), `${lockOf(directory)}.old`]) {
          writeFileSync(path, text);
          utimesSync(path, 1, 1);
        }
      }
      const children = Array.from({ length: 6 }, () => child('lock', directory, go));
      try {
        const lines = Promise.all(children.map(firstLine));
        writeFileSync(go, '');
        const told = await lines;
        expect(told.filter(line => line === 'won')).toHaveLength(1);
        const winner = children[told.indexOf('won')];
        for (const line of told.filter(each => each !== 'won')) {
          expect(line).toMatch(/^UsageError: process \d+ is changing this project \(grow, since /);
        }
        expect(readFileSync(lockOf(directory), 'utf8')).toContain(`"pid":${winner?.pid},`);
      } finally {
        await Promise.all(children.map(kill));
      }
      const lock = await lockProject(directory, 'grow');
      lock.release();
      expect(readdirSync(join(directory, '.stage'))).toEqual(['base', 'manifest.json']);
    }
  }, 60_000);

  it('names the process that holds it, and lets go of its own lock only', async () => {
    const directory = fresh();
    const lock = await lockProject(directory, 'grow');
    const second = lockProject(directory, 'undo');
    await expect(second).rejects.toThrow(UsageError);
    await expect(second).rejects.toThrow(`process ${process.pid} is changing this project (grow, since`);
    writeFileSync(lockOf(directory), holder({ pid: 1 }));
    lock.release();
    expect(existsSync(lockOf(directory))).toBe(true);
    rmSync(lockOf(directory));
    lock.release();
    (await lockProject(directory, 'undo')).release();
  });

  it('waits for nobody on another machine, who may be alive', async () => {
    const directory = fresh();
    writeFileSync(lockOf(directory), holder({ pid: deadPid(), host: 'elsewhere' }));
    const error = await lockProject(directory, 'grow').catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('on elsewhere'),
      hint: expect.stringContaining('remove .stage/lock'),
    });
  });

  it('clears away what a process left that died before it had begun', async () => {
    const directory = fresh();
    const before = treeOf(directory);
    mkdirSync(join(directory, '.stage/tx/after'), { recursive: true });
    writeFileSync(join(directory, '.stage/tx/after/0'), 'half');
    (await lockProject(directory, 'grow')).release();
    expect(treeOf(directory)).toEqual(before);
  });

  it('needs a .stage that it can write to', async () => {
    const directory = join(folder, `${count++}`);
    mkdirSync(directory);
    await expect(lockProject(directory, 'grow')).rejects.toThrow(
      /cannot write to "\.stage\/lock": .*; nothing was/,
    );
    writeFileSync(join(directory, '.stage'), '');
    await expect(lockProject(directory, 'grow')).rejects.toThrow('".stage" is not a folder');
  });
});

// A test that is not root's cannot become somebody else.
describe.runIf(process.getuid?.() === 0)('without the right to write', () => {
  function asNobody(directory: string): string[] {
    const options = { uid: NOBODY, gid: NOBODY, encoding: 'utf8' } as const;
    return spawnSync(process.execPath, [bundle, 'try', directory], options).stdout.split('\n');
  }

  function handOver(directory: string, except: string): void {
    const below = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    for (const path of ['', ...below].filter(each => each !== except)) {
      chownSync(join(directory, path), NOBODY, NOBODY);
    }
  }

  it.each([
    ['a folder', 'docs', 'docs/gone.md'],
    ['a folder that gets another', 'src', 'src/server.ts'],
    ['the project', '', 'package.json'],
  ])('to %s, everything is taken back', (_, except, named) => {
    const directory = fresh();
    handOver(directory, except);
    const before = treeOf(directory);
    expect(asNobody(directory)[0]).toBe(
      `UsageError: cannot write to "${named}": you have no permission to write there; nothing was changed`,
    );
    expect(treeOf(directory)).toEqual(before);
  });

  it('to .stage, nothing is locked', () => {
    const directory = fresh();
    handOver(directory, '.stage');
    const before = treeOf(directory);
    expect(asNobody(directory)[0]).toContain('cannot write to ".stage/lock": you have no permission');
    expect(treeOf(directory)).toEqual(before);
  });
});
