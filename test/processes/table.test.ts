import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import {
  commandLine,
  descendants,
  isAlive,
  isStill,
  startStamp,
  worksIn,
} from '../../src/processes/table.ts';

const ON_LINUX = process.platform === 'linux';

const started: ChildProcess[] = [];

function shell(script: string, cwd = tmpdir()): { process: ChildProcess; pid: number } {
  const child = spawn('sh', ['-c', script], { detached: true, cwd });
  started.push(child);
  return { process: child, pid: child.pid ?? 0 };
}

afterEach(() => {
  for (const { pid, exitCode, signalCode } of started.splice(0))
    if (pid && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
});

describe.runIf(process.platform !== 'win32')('the process table', () => {
  it('knows a process by its start, its end and its children', async () => {
    const { process: child, pid } = shell('sleep 30 & wait');
    const stamp = startStamp(pid);
    expect(stamp).toBeTruthy();
    expect(startStamp(pid)).toBe(stamp);
    expect(isAlive(pid)).toBe(true);
    await expect.poll(() => descendants(pid).length).toBe(1);
    process.kill(-pid, 'SIGKILL');
    await once(child, 'exit');
    expect(isAlive(pid)).toBe(false);
    expect(startStamp(pid)).toBeUndefined();
  });

  it('tells a process from a later one of the same number', async () => {
    const { process: child, pid } = shell('sleep 30');
    const stamp = startStamp(pid);
    expect(isStill(pid, stamp)).toBe(true);
    expect(isStill(pid, undefined)).toBe(true);
    expect(isStill(pid, `${stamp}0`)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isStill(pid, stamp)).toBe(false);
    expect(isStill(pid, undefined)).toBe(false);
  });

  it('counts what has ended as gone, also before its parent asks', async () => {
    const { process: child } = shell('sleep 30 & echo $!; exec sleep 30');
    const [text] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const pid = Number(text);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
    if (ON_LINUX) expect(startStamp(pid)).toBeUndefined();
  });

  it('says where and as what a process runs, as far as the system tells', async () => {
    const { pid } = shell('exec sleep 31');
    await expect.poll(() => commandLine(pid)).toContain('sleep 31');
    const folder = realpathSync(tmpdir());
    expect(worksIn(pid, folder)).toBe(ON_LINUX ? true : undefined);
    expect(worksIn(pid, '/nowhere')).toBe(ON_LINUX ? false : undefined);
  });
});
