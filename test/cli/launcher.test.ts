import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runTool, TOOL, temporaryFolder } from '../support/tool.ts';

const cwd = temporaryFolder();

describe('the launcher', () => {
  it('ends with 2 and one clear line on an old Node, before it loads anything', () => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });`;
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, TOOL, '--version'],
      { cwd, encoding: 'utf8' },
    );
    expect(stderr).toBe(
      'create-backend-stage needs Node 20.19 or later, and this is 18.20.4: install a current one from https://nodejs.org and run the same command again.\n',
    );
    expect([status, stdout]).toEqual([2, '']);
  });

  it('has no static import, which an old Node would follow first', () => {
    expect(readFileSync(TOOL, 'utf8')).not.toMatch(/^import /m);
  });
});

describe('help and version', () => {
  it('print the version on stdout', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(runTool(['--version'], { cwd })).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('list this version’s commands and flags, and no others', () => {
    const { exitCode, stdout, stderr } = runTool(['--help'], { cwd });
    for (const word of [
      'verify',
      'grow',
      'regenerate',
      'check',
      'diff',
      'undo',
      'up',
      'stages',
      'doctor',
      '--stage',
      '--pool-max',
      '--config',
      '--dry-run',
    ]) {
      expect(stdout).toContain(word);
    }
    expect(stdout).not.toMatch(/measure/);
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it.each(['verify', 'grow', 'regenerate', 'check', 'diff', 'undo', 'up', 'stages', 'doctor'])(
    '%s has help of its own',
    command => {
      const { exitCode, stdout } = runTool([command, '--help'], { cwd });
      expect(stdout).toContain(`create-backend-stage ${command}`);
      expect(exitCode).toBe(0);
    },
  );

  it('cost little more than Node itself', () => {
    const time = (args: string[]) => {
      const start = performance.now();
      spawnSync(process.execPath, args, { cwd });
      return performance.now() - start;
    };
    // In turns, and the best of each: other work on the machine slows single runs, never speeds them up.
    const rounds = Array.from({ length: 20 }, () => ({
      bare: time(['-e', '0']),
      help: time([TOOL, '--help']),
    }));
    const ratio = Math.min(...rounds.map(r => r.help)) / Math.min(...rounds.map(r => r.bare));
    console.log(`--help takes ${ratio.toFixed(2)} x of node -e 0`);
    expect(ratio).toBeLessThan(2);
  });
});
