import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { planProject } from '../../src/plan/plan.ts';
import { freePort } from '../support/free-port.ts';
import { installDependencies } from '../support/generated-project.ts';
import { runTool, startTool, temporaryFolder } from '../support/tool.ts';

const NATIVE = ['--engine', 'native'];

const cwd = temporaryFolder();

describe('a project that is there', () => {
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    const args = [
      'shop',
      '--stage',
      'stall',
      '--port',
      String(port),
      '--no-install',
      '--no-git',
      '--no-verify',
    ];
    expect(runTool(args, { cwd }).exitCode).toBe(0);
    await installDependencies(
      join(cwd, 'shop'),
      await planProject(resolveAnswers({ stage: 'stall', port }, 'shop')),
    );
  });

  it('is verified, with one envelope and each guarantee told on the way', () => {
    const { exitCode, stdout, stderr } = runTool(['verify', 'shop', ...NATIVE, '--json'], { cwd });
    const report = JSON.parse(stdout);
    expect(report, stderr).toMatchObject({
      schemaVersion: 1,
      ok: true,
      command: 'verify',
      stage: 'stall',
      engine: 'native',
      counts: { broken: 0, notVerified: 0, notPromised: 0 },
      seed: expect.any(Number),
    });
    expect(report.guarantees.length).toBeGreaterThanOrEqual(4);
    for (const { id, title, status, detail, figures } of report.guarantees) {
      expect([id, status, typeof figures]).toEqual([expect.stringMatching(/^stall\./), 'kept', 'object']);
      expect(stderr).toContain(`✓ ${title}: ${detail}`);
    }
    expect(exitCode).toBe(0);
  });

  it('tells what this machine lacks once, as that, and fails for it unless told not to', () => {
    const args = ['verify', 'shop', '--engine', 'docker'];
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:9', DOCKER_CONTEXT: undefined };
    const { exitCode, stdout, stderr } = runTool([...args, '--json'], { cwd, env });
    const { ok, error, guarantees, counts } = JSON.parse(stdout);
    expect([ok, exitCode, error.code]).toEqual([false, 1, 'not-verified']);
    expect(new Set(guarantees.map(({ why }: { why: string }) => why))).toEqual(new Set(['machine']));
    expect(counts).toMatchObject({ kept: 0, broken: 0 });
    expect(stderr.match(/not run: /g)).toHaveLength(1);
    expect(stderr).toContain(`${guarantees.length - 1} more, for the same reason`);
    const allowed = runTool([...args, '--allow-unverified'], { cwd, env });
    expect([allowed.exitCode, allowed.stdout]).toEqual([
      0,
      expect.stringContaining('as far as this machine can'),
    ]);
  });

  it('checks some guarantees, with the chance of an earlier run', () => {
    const ids = ['stall.health', 'stall.graceful-stop'];
    const args = ['verify', 'shop', ...NATIVE, '--json', '--only', ids.join(','), '--seed', '42'];
    const report = JSON.parse(runTool(args, { cwd }).stdout);
    expect(report.guarantees.map(({ id, status }: Record<string, string>) => [id, status])).toEqual(
      ids.map(id => [id, 'kept']),
    );
    expect(report.seed).toBe(42);
    const unknown = runTool(['verify', 'shop', ...NATIVE, '--only', 'stall.helth'], { cwd });
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('stall.helth')]);
    const wrong = runTool(['verify', 'shop', '--seed', 'x'], { cwd });
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('--seed "x" is not')]);
  });

  it('of an earlier version, which has no stage.yaml, is asked by what that version took for granted, and told so', () => {
    const file = join(cwd, 'shop', 'stage.yaml');
    renameSync(file, `${file}.kept`);
    try {
      const args = ['verify', 'shop', ...NATIVE, '--only', 'stall.answers,stall.graceful-stop'];
      const { exitCode, stdout, stderr } = runTool(args, { cwd });
      expect([exitCode, stdout]).toEqual([0, expect.stringContaining('2 kept')]);
      expect(stderr).toContain('this project has no stage.yaml');
    } finally {
      renameSync(`${file}.kept`, file);
    }
  });

  it('runs in the foreground until Ctrl-C, on the port that it was generated for', async () => {
    const tool = startTool(['up', 'shop', ...NATIVE], { cwd });
    await tool.said('Ctrl-C stops everything');
    const response = await fetch(`http://127.0.0.1:${port}/products?limit=1`);
    expect(await response.json()).toMatchObject({ items: [{ name: 'Keyboard' }] });
    tool.process.kill('SIGINT');
    const { exitCode, stderr } = await tool.ended;
    expect(stderr).toContain('everything has stopped');
    expect(exitCode).toBe(130);
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
    expect(processesIn(join(cwd, 'shop'))).toEqual([]);
  });

  it('says so where its port is taken', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    try {
      const { exitCode, stderr } = await startTool(['up', 'shop', ...NATIVE], { cwd }).ended;
      expect(stderr).toContain(String(port));
      expect(exitCode).toBe(1);
    } finally {
      await new Promise(resolve => other.close(resolve));
    }
  });

  it('is left as it was when a verification is interrupted', async () => {
    const before = readdirSync(join(cwd, 'shop'));
    const tool = startTool(['verify', 'shop', ...NATIVE], { cwd });
    await tool.said('starting the project');
    tool.process.kill('SIGTERM');
    expect((await tool.ended).exitCode).toBe(130);
    expect(processesIn(join(cwd, 'shop'))).toEqual([]);
    expect(readdirSync(join(cwd, 'shop'))).toEqual(before);
  });
});

/** Command lines of the processes that run in, or out of, a folder. */
function processesIn(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return [];
      }
    })
    .filter(line => line.includes(folder));
}
