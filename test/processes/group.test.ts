import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { killStragglers, killTree, OWN_GROUP, quit, signalProcess } from '../../src/processes/group.ts';
import { isAlive } from '../../src/processes/table.ts';

/** A shell that prints the id of what it has started. */
async function parentOfSleep(end: string) {
  const parent = spawn('sh', ['-c', `sleep 30 & echo $!; ${end}`], OWN_GROUP);
  const [text] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, pid: parent.pid ?? 0, child: Number(text) };
}

it.runIf(process.platform !== 'win32')('a process ends with all that it has started', async () => {
  const { parent, pid, child } = await parentOfSleep('wait');
  const ended = once(parent, 'exit');
  killTree(pid);
  expect(await ended).toEqual([null, 'SIGKILL']);
  await expect.poll(() => isAlive(child)).toBe(false);
});

it.runIf(process.platform !== 'win32')('what a process left behind ends as well', async () => {
  const { parent, pid, child } = await parentOfSleep('exit 0');
  if (parent.exitCode === null) await once(parent, 'exit');
  expect(isAlive(child)).toBe(true);
  killStragglers(pid);
  await expect.poll(() => isAlive(child)).toBe(false);
});

it.runIf(process.platform !== 'win32')('a process that is paused hears that it is to quit', async () => {
  const parent = spawn('sleep', ['30'], OWN_GROUP);
  const ended = once(parent, 'exit');
  parent.kill('SIGSTOP');
  quit(parent.pid ?? 0);
  expect(await ended).toEqual([null, 'SIGQUIT']);
});

it('a process that has ended can be signalled in vain', async () => {
  const child = spawn(process.execPath, ['--version'], OWN_GROUP);
  await once(child, 'exit');
  expect(() => signalProcess(child.pid ?? 0, 'SIGTERM')).not.toThrow();
});
